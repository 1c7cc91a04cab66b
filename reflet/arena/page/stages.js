// What a battle shows, one function a medium: it builds the stage in a figure and returns what the page needs of it.
//   load(address)  fetches the side's content         show(content)  puts it on the stage
//   taken()        whether it was seen, heard or read  play()         starts or stops it (sounds)
//   name(label)    what a reader of the screen is told
// Nothing here knows who made it.

async function fetched(address) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok) throw new Error("content");
  return answer;
}

const inView = (node) => {
  const box = node.getBoundingClientRect();
  const tall = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
  return tall > Math.min(box.height, innerHeight) * 0.6;
};

function make(name, className, parent) {
  const node = document.createElement(name);
  node.className = className;
  parent.append(node);
  return node;
}

function picture(figure) {
  const canvas = make("canvas", "stage", figure);
  canvas.width = canvas.height = 512;
  canvas.setAttribute("role", "img");
  return {
    load: async (address) => createImageBitmap(await (await fetched(address)).blob()),
    show: (bitmap) => canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height),
    taken: () => inView(canvas),
    play: () => {},
    name: (label) => canvas.setAttribute("aria-label", label),
  };
}

// One sound at a time. It counts as heard when it came to its end; there is nothing to wind it on with.
let playing = null;

function sound(figure, changed) {
  const stage = make("div", "stage player", figure);
  const button = make("button", "play", stage);
  button.type = "button";
  const mark = make("span", "sign", button);
  mark.setAttribute("aria-hidden", "true");
  const line = make("div", "line", stage);
  const done = make("i", "", line);
  const audio = new Audio();
  let heard = false;
  let address = "";
  const paint = () => {
    stage.dataset.playing = String(!audio.paused);
    stage.dataset.heard = String(heard);
    const share = audio.duration ? audio.currentTime / audio.duration : 0;
    done.style.transform = `scaleX(${audio.ended ? 1 : share})`;
  };
  const play = () => {
    if (!audio.paused) return audio.pause();
    if (playing && playing !== audio) playing.pause();
    playing = audio;
    return audio.play().catch(() => {});
  };
  for (const event of ["play", "pause", "timeupdate"]) audio.addEventListener(event, paint);
  audio.addEventListener("ended", () => {
    heard = true;
    paint();
    changed();
  });
  button.addEventListener("click", play);
  return {
    load: async (where) => (await fetched(where)).blob(),
    show: (blob) => {
      if (address) URL.revokeObjectURL(address);
      address = URL.createObjectURL(blob);
      heard = false;
      audio.src = address;
      paint();
    },
    taken: () => heard,
    play,
    name: (label) => button.setAttribute("aria-label", label),
  };
}

function talk(figure) {
  const stage = make("div", "stage answer", figure);
  stage.tabIndex = 0;
  stage.setAttribute("role", "region");
  return {
    load: async (address) => (await (await fetched(address)).text()).trimEnd(),
    show: (text) => {
      stage.textContent = text;
      stage.scrollTop = 0;
    },
    taken: () => inView(stage),
    play: () => {},
    name: (label) => stage.setAttribute("aria-label", label),
  };
}

export const stages = { picture, sound, talk };
