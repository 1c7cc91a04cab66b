/**
 * What is to be made anew, as a list of marks. The list is the truth: undoing takes one off, and the mask is drawn again
 * from the rest, at the picture's own size, so that neither zooming nor another brush changes what was drawn before.
 */
export interface Point {
  x: number;
  y: number;
}

export type Mark =
  | { kind: "stroke"; erase: boolean; size: number; points: Point[] }
  | { kind: "rectangle"; erase: boolean; from: Point; to: Point }
  | { kind: "invert" }
  | { kind: "clear" }
  | { kind: "picture"; source: CanvasImageSource };

export function blank(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  return canvas;
}

export function pen(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser draws no canvas");
  return context;
}

/** Draws one mark into a mask: opaque is anew, transparent is kept. */
export function draw(mask: HTMLCanvasElement, mark: Mark): void {
  const context = pen(mask);
  context.save();
  const { width, height } = mask;
  switch (mark.kind) {
    case "stroke":
      stroke(context, mark);
      break;
    case "rectangle": {
      context.globalCompositeOperation = mark.erase ? "destination-out" : "source-over";
      const box = boxOf(mark.from, mark.to);
      context.fillRect(box.x, box.y, box.width, box.height);
      break;
    }
    case "invert":
      context.globalCompositeOperation = "xor";
      context.fillRect(0, 0, width, height);
      break;
    case "clear":
      context.clearRect(0, 0, width, height);
      break;
    case "picture":
      context.drawImage(mark.source, 0, 0, width, height);
      break;
  }
  context.restore();
}

function stroke(context: CanvasRenderingContext2D, mark: Extract<Mark, { kind: "stroke" }>): void {
  context.globalCompositeOperation = mark.erase ? "destination-out" : "source-over";
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = mark.size;
  const [first, ...rest] = mark.points;
  if (first === undefined) return;
  context.beginPath();
  context.arc(first.x, first.y, mark.size / 2, 0, 2 * Math.PI); // a point alone is a dab
  context.fill();
  context.beginPath();
  context.moveTo(first.x, first.y);
  for (const point of rest) context.lineTo(point.x, point.y);
  context.stroke();
}

export function boxOf(from: Point, to: Point): { x: number; y: number; width: number; height: number } {
  const x = Math.min(from.x, to.x);
  const y = Math.min(from.y, to.y);
  return { x, y, width: Math.max(from.x, to.x) - x, height: Math.max(from.y, to.y) - y };
}

export function drawn(marks: Mark[], width: number, height: number): HTMLCanvasElement {
  const mask = blank(width, height);
  for (const mark of marks) draw(mask, mark);
  return mask;
}

/** The share of the mask that is to be made anew, 0 to 1, from a small copy of it. */
export function share(mask: HTMLCanvasElement): number {
  const small = blank(Math.min(128, mask.width), Math.min(128, mask.height));
  const context = pen(small);
  context.drawImage(mask, 0, 0, small.width, small.height);
  const { data } = context.getImageData(0, 0, small.width, small.height);
  let sum = 0;
  for (let k = 3; k < data.length; k += 4) sum += data[k] ?? 0;
  return sum / 255 / (data.length / 4);
}

/** The mask with a soft border of so many pixels. */
export function soft(mask: HTMLCanvasElement, feather: number): HTMLCanvasElement {
  if (feather <= 0) return mask;
  // Beyond the picture the mask goes on as it ends at the border, or it would fade there.
  const room = Math.ceil(feather * 1.5);
  const wide = blank(mask.width + 2 * room, mask.height + 2 * room);
  const around = pen(wide);
  around.drawImage(mask, 0, 0, wide.width, wide.height);
  around.clearRect(room, room, mask.width, mask.height);
  around.drawImage(mask, room, room);
  const out = blank(mask.width, mask.height);
  const context = pen(out);
  context.filter = `blur(${feather / 2}px)`;
  context.drawImage(wide, -room, -room);
  return out;
}

/** As the service wants it: what is transparent is made anew. */
export function holes(mask: HTMLCanvasElement): HTMLCanvasElement {
  const out = blank(mask.width, mask.height);
  const context = pen(out);
  context.fillRect(0, 0, out.width, out.height);
  context.globalCompositeOperation = "destination-out";
  context.drawImage(mask, 0, 0);
  return out;
}

/** A mask from a picture file: its transparent parts are anew; where it has none, its bright ones. */
export function maskFrom(source: CanvasImageSource, width: number, height: number): HTMLCanvasElement {
  const out = blank(width, height);
  const context = pen(out);
  context.drawImage(source, 0, 0, width, height);
  const image = context.getImageData(0, 0, width, height);
  const { data } = image;
  let clear = false;
  for (let k = 3; k < data.length; k += 4) clear ||= (data[k] ?? 255) < 255;
  for (let k = 0; k < data.length; k += 4) {
    const bright = ((data[k] ?? 0) + (data[k + 1] ?? 0) + (data[k + 2] ?? 0)) / 3;
    data[k + 3] = clear ? 255 - (data[k + 3] ?? 255) : bright;
    data[k] = data[k + 1] = data[k + 2] = 0;
  }
  context.putImageData(image, 0, 0);
  return out;
}

export function file(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error("the picture is too large")) : resolve(blob)), "image/png");
  });
}
