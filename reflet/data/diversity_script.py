# ruff: noqa: E501 (style sheet or script)
"""The script and the style of the map's page: drag, zoom, colour by a facet, pick a category, look at one picture. No library."""

SCRIPT = r"""
(() => {
"use strict";
const data = JSON.parse(document.getElementById("map-data").textContent);
const canvas = document.getElementById("map"), ctx = canvas.getContext("2d");
const info = document.getElementById("info"), legend = document.getElementById("legend");
const facet = document.getElementById("facet");
const palette = ["#4e79a7","#f28e2b","#e15759","#59a14f","#b07aa1","#edc948","#76b7b2","#ff9da7","#9c755f","#8cd17d",
  "#499894","#d37295"];
let scale = 1, dx = 0, dy = 0, picked = null, order = [], hover = -1, queued = false;
const images = data.points.map(() => null);
const grid = new Map(data.points.map((p, i) => [p.x + "," + p.y, i]));
function size() {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * ratio; canvas.height = canvas.clientHeight * ratio;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
}
function fit() {
  scale = Math.min(canvas.clientWidth / data.across, canvas.clientHeight / data.down);
  dx = (canvas.clientWidth - scale * data.across) / 2; dy = (canvas.clientHeight - scale * data.down) / 2;
}
function colour(point) {
  const rank = order.indexOf(point.f[facet.value]);
  return rank < 0 ? "#8888" : (rank < palette.length ? palette[rank] : "#999");
}
function image(i) {
  if (!images[i]) { images[i] = new Image(); images[i].onload = draw; images[i].src = data.points[i].t; }
  return images[i].complete && images[i].naturalWidth ? images[i] : null;
}
function paint() {
  queued = false;
  ctx.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  const frame = facet.value ? Math.max(1, scale * 0.07) : 0;
  data.points.forEach((p, i) => {
    const x = dx + p.x * scale, y = dy + p.y * scale;
    if (x < -scale || y < -scale || x > canvas.clientWidth || y > canvas.clientHeight) return;
    const muted = picked !== null && p.f[facet.value] !== picked;
    ctx.globalAlpha = muted ? 0.12 : 1;
    const inner = scale - 1, pic = image(i);
    if (frame) { ctx.fillStyle = colour(p); ctx.fillRect(x, y, inner, inner); }
    if (pic) {
      const box = inner - 2 * frame, r = Math.min(box / pic.naturalWidth, box / pic.naturalHeight);
      const w = pic.naturalWidth * r, h = pic.naturalHeight * r;
      ctx.drawImage(pic, x + frame + (box - w) / 2, y + frame + (box - h) / 2, w, h);
    }
    if (i === hover) { ctx.globalAlpha = 1; ctx.lineWidth = 2; ctx.strokeStyle = "#e15759"; ctx.strokeRect(x, y, inner, inner); }
  });
  ctx.globalAlpha = 1;
}
function draw() { if (!queued) { queued = true; requestAnimationFrame(paint); } }
function zoom(factor, x, y) {
  const next = Math.min(260, Math.max(2, scale * factor)); factor = next / scale;
  dx = x - (x - dx) * factor; dy = y - (y - dy) * factor; scale = next; draw();
}
function text(parent, tag, words, name) {
  const made = document.createElement(tag); made.textContent = words; if (name) made.className = name;
  parent.appendChild(made); return made;
}
function show(i) {
  hover = i; draw(); info.replaceChildren();
  if (i < 0) { text(info, "p", "Point at a picture. Drag to move, turn the wheel or press + and \u2212 to zoom.", "soft"); return; }
  const p = data.points[i], big = document.createElement("img");
  big.src = p.t; big.alt = ""; info.appendChild(big);
  text(info, "b", p.c || "no caption");
  text(info, "small", [p.l, p.a].filter(Boolean).join(" \u00b7 "));
  const list = document.createElement("table"); info.appendChild(list);
  Object.entries(p.f).forEach(([name, value]) => {
    const row = document.createElement("tr"); list.appendChild(row); text(row, "th", name); text(row, "td", value);
  });
  text(info, "small", "weight in the plan " + p.w.toFixed(2)); text(info, "code", p.k);
}
function relist() {
  picked = null; legend.replaceChildren();
  const counts = {};
  if (facet.value) data.points.forEach(p => { const v = p.f[facet.value]; counts[v] = (counts[v] || 0) + 1; });
  order = Object.keys(counts).sort((a, b) => counts[b] - counts[a]);
  order.slice(0, 24).forEach((name, k) => {
    const button = text(legend, "button", name + " " + counts[name]);
    button.style.borderLeftColor = k < palette.length ? palette[k] : "#999"; button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      picked = picked === name ? null : name;
      legend.querySelectorAll("button").forEach(b => b.setAttribute("aria-pressed", String(b === button && picked !== null)));
      draw();
    });
  });
  draw();
}
let held = null;
canvas.addEventListener("pointerdown", e => { held = [e.clientX, e.clientY]; canvas.setPointerCapture(e.pointerId); });
canvas.addEventListener("pointerup", () => { held = null; });
canvas.addEventListener("pointermove", e => {
  if (held) { dx += e.clientX - held[0]; dy += e.clientY - held[1]; held = [e.clientX, e.clientY]; draw(); return; }
  const box = canvas.getBoundingClientRect();
  const at = [Math.floor((e.clientX - box.left - dx) / scale), Math.floor((e.clientY - box.top - dy) / scale)];
  const found = grid.has(at.join(",")) ? grid.get(at.join(",")) : -1;
  if (found >= 0 && found !== hover) show(found);
});
canvas.addEventListener("wheel", e => {
  e.preventDefault(); const box = canvas.getBoundingClientRect();
  zoom(Math.exp(-e.deltaY * 0.0015), e.clientX - box.left, e.clientY - box.top);
}, { passive: false });
canvas.addEventListener("keydown", e => {
  const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[e.key];
  if (step) { dx += step[0]; dy += step[1]; e.preventDefault(); draw(); }
  if (e.key === "+" || e.key === "-") zoom(e.key === "+" ? 1.3 : 0.77, canvas.clientWidth / 2, canvas.clientHeight / 2);
});
document.getElementById("in").addEventListener("click", () => zoom(1.5, canvas.clientWidth / 2, canvas.clientHeight / 2));
document.getElementById("out").addEventListener("click", () => zoom(0.67, canvas.clientWidth / 2, canvas.clientHeight / 2));
document.getElementById("whole").addEventListener("click", () => { fit(); draw(); });
facet.addEventListener("change", relist);
window.addEventListener("resize", () => { size(); draw(); });
size(); fit(); relist(); show(-1);
})();
"""

STYLE = """<style>body{max-width:90rem}.map{display:grid;grid-template-columns:minmax(0,1fr) 17rem;gap:1rem;margin:1rem 0}
canvas{width:100%;height:42rem;background:var(--card);border:1px solid var(--line);border-radius:10px;touch-action:none;cursor:grab}
#info{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.8rem;font-size:.85rem;overflow:auto;
max-height:42rem}#info img{display:block;width:100%;max-height:15rem;object-fit:contain;border-radius:6px;margin-bottom:.5rem}
#info b,#info small,#info code{display:block;margin-bottom:.3rem;overflow-wrap:anywhere}#info table{font-size:.8rem}
.tools{display:flex;flex-wrap:wrap;gap:.4rem;align-items:center}button,select{font:inherit;font-size:.85rem;color:inherit;
background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.2rem .6rem;cursor:pointer}
#legend{display:flex;flex-wrap:wrap;gap:.3rem}#legend button{border-left:.5rem solid #999;padding:.1rem .5rem;font-size:.8rem}
#legend button[aria-pressed=true]{outline:2px solid var(--ink)}.facets{display:grid;gap:1.2rem 2.5rem;
grid-template-columns:repeat(auto-fill,minmax(25rem,1fr))}.facets table{width:100%;font-size:.88rem}.facets td:first-child{
max-width:12rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.over{color:var(--bad)}.under,.missing{color:var(--mid)}
@media(max-width:60rem){.map{grid-template-columns:1fr}canvas{height:28rem}}</style>"""
