/** Where the picture lies on the screen: x, y and scale in CSS pixels. */
import type { Point } from "../screens/edit/marks";

const NEAREST = 32;
const PADDING = 36;

export class View {
  width = $state(0);
  height = $state(0);
  scale = $state(1);
  x = $state(0);
  y = $state(0);
  density = $state(1);
  #whole = { left: 0, top: 0, width: 1, height: 1 };
  #fitted = true;

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.density = Math.min(2, devicePixelRatio || 1);
    if (this.#fitted) this.fit();
  }

  /** What is to be seen whole: the frame, in pixels of the picture. */
  frame(left: number, top: number, width: number, height: number): void {
    this.#whole = { left, top, width, height };
    if (this.#fitted) this.fit();
  }

  get smallest(): number {
    const room = (side: number): number => Math.max(1, side - 2 * Math.min(PADDING, side / 8));
    return Math.min(room(this.width) / this.#whole.width, room(this.height) / this.#whole.height);
  }

  fit(): void {
    this.scale = Math.min(this.smallest, 8);
    this.x = (this.width - this.#whole.width * this.scale) / 2 - this.#whole.left * this.scale;
    this.y = (this.height - this.#whole.height * this.scale) / 2 - this.#whole.top * this.scale;
    this.#fitted = true;
  }

  zoom(factor: number, at: Point = { x: this.width / 2, y: this.height / 2 }): void {
    const scale = Math.max(this.smallest / 2, Math.min(NEAREST, this.scale * factor));
    this.x = at.x - ((at.x - this.x) * scale) / this.scale;
    this.y = at.y - ((at.y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.#fitted = false;
  }

  pan(x: number, y: number): void {
    this.x += x;
    this.y += y;
    this.#fitted = false;
  }

  /** One finger pulls the paper, two also turn it nearer or away. */
  drag(fingers: Map<number, Point>, moved: number, to: Point): void {
    const from = fingers.get(moved);
    const other = [...fingers].find(([id]) => id !== moved)?.[1];
    if (from === undefined) return;
    if (other === undefined) return this.pan(to.x - from.x, to.y - from.y);
    const apart = (a: Point): number => Math.max(8, Math.hypot(a.x - other.x, a.y - other.y));
    this.pan((to.x - from.x) / 2, (to.y - from.y) / 2);
    this.zoom(apart(to) / apart(from), { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 });
  }

  toPicture(at: Point): Point {
    return { x: (at.x - this.x) / this.scale, y: (at.y - this.y) / this.scale };
  }
}
