"""The page of a story: one file, no address in it. @NAMES@ are filled in by story.py."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; media-src data:; \
style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>@TITLE@</title>
<style>
:root { color-scheme: light dark; --paper: #f5f3ee; --ink: #1b2026; --soft: #59616b; --water: #1d5f7a; --now: #cfe6ee; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14181c; --ink: #e9e6df; --soft: #a4adb6; --water: #7fc1d8; --now: #1f4352; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.15rem/1.7 Georgia, serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.2rem 8rem; }
h1 { font-weight: 400; font-size: 2.2rem; line-height: 1.2; }
section { display: grid; grid-template-columns: minmax(0, 22rem) 1fr; gap: 2rem; align-items: center; }
section { padding: 1.4rem 0; }
section p { margin: 0; white-space: pre-wrap; color: var(--soft); transition: color 0.3s; }
section.now p { color: var(--ink); }
img { width: 100%; border-radius: 14px; display: block; }
span.now { background: var(--now); border-radius: 4px; box-shadow: 0 0 0 2px var(--now); }
section span { cursor: pointer; }
footer { position: fixed; inset: auto 0 0 0; padding: 0.8rem 1.2rem; background: var(--paper); }
footer { border-top: 1px solid var(--soft); }
audio { width: 100%; max-width: 62rem; display: block; margin: 0 auto; }
.about { font-size: 0.85rem; color: var(--soft); }
@media (max-width: 46rem) { section { grid-template-columns: 1fr; gap: 0.8rem; } }
</style>
</head>
<body>
<main>
<h1>@TITLE@</h1>
@SCENES@
<p class="about">@ABOUT@</p>
</main>
<footer><audio controls preload="auto" aria-label="The story, read aloud" src="@SOUND@"></audio></footer>
<script>
const sound = document.querySelector("audio"), starts = @STARTS@;
const sections = [...document.querySelectorAll("section")], words = [...document.querySelectorAll("section span")];
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
let at = -1;
function follow() {
  const now = sound.currentTime;
  for (const word of words) word.classList.toggle("now", word.dataset.s <= now && now < word.dataset.e);
  let scene = starts.findLastIndex((start) => start <= now);
  if (scene !== at) {
    at = scene;
    sections.forEach((section, k) => section.classList.toggle("now", k === at));
    if (!sound.paused) sections[at]?.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
  }
}
setInterval(follow, 60);
for (const word of words) word.addEventListener("click", () => { sound.currentTime = word.dataset.s; sound.play(); });
</script>
</body>
</html>
"""
