/** A value that this browser keeps. Where it may keep nothing, the value lasts as long as the page. */
export class Kept<T> {
  #name: string;
  #value: T = $state()!;

  constructor(name: string, fallback: T) {
    this.#name = `reflet.${name}`;
    this.#value = fallback;
    try {
      const text = localStorage.getItem(this.#name);
      if (text !== null) this.#value = JSON.parse(text) as T;
    } catch {
      // unreadable or forbidden: the fallback stands
    }
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    this.#value = value;
    try {
      localStorage.setItem(this.#name, JSON.stringify(value));
    } catch {
      // full or forbidden
    }
  }
}
