"""LitServe's side of bench/serve.py: batches by a time window, each run to its longest member. Needs `litserve`."""

# No annotations from the future here: LitServe hands this function's own to FastAPI, which must find them resolved.

import base64
import sys
import time
from typing import Any

import litserve

REPLY = base64.b64encode(b"\0" * 30_000).decode()


class Device(litserve.LitAPI):
    """The stand-in's cost: `fixed + each * rows` milliseconds a step."""

    fixed, each = 20.0, 4.0

    def setup(self, device: str) -> None:
        self.fixed, self.each = float(sys.argv[2]), float(sys.argv[3])

    def decode_request(self, request: dict[str, Any]) -> int:
        return int(request["num_inference_steps"])

    def predict(self, batch: Any) -> Any:
        steps = batch if isinstance(batch, list) else [batch]
        for _ in range(max(steps)):
            time.sleep((self.fixed + self.each * len(steps)) / 1000)
        return [REPLY] * len(steps) if isinstance(batch, list) else REPLY

    def encode_response(self, output: str) -> dict[str, str]:
        return {"b64_json": output}


if __name__ == "__main__":
    api = Device(max_batch_size=8, batch_timeout=0.02, api_path="/v1/images/generations")
    server = litserve.LitServer(api, accelerator="cpu")
    server.run(port=int(sys.argv[1]), host="127.0.0.1", generate_client_file=False, log_level="error")
