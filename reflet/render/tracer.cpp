// The path tracer: camera rays, what a pixel sums up, and the C interface that tracer_build.py binds.
// Read in this order: tracer_math, tracer_bvh, tracer_scene, tracer_bsdf, tracer_light, tracer_path, and then here.
#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "tracer_path.h"

namespace reflet {

struct Output {  // all (size, size, ...); mirrored in tracer.py
    float *color, *albedo, *normal, *depth, *alpha;
    int32_t* object_id;
};

static Path camera_path(const Settings& s, float x, float y, float lens_u, float lens_v) {
    Path p;
    memset(&p, 0, sizeof p);
    float a = 2 * x / s.size - 1, b = 1 - 2 * y / s.size;
    Vec3 d = load(s.forward) + load(s.right) * a + load(s.up) * b, origin = load(s.eye);
    if (s.aperture > 0) {
        float sine, cosine, radius = s.aperture * sqrtf(lens_u), scale = 1 / length(load(s.right));
        sincos_turn(lens_v, sine, cosine);
        Vec3 focus = origin + d * s.focus_distance;
        origin = origin + (load(s.right) * cosine + load(s.up) * sine) * (radius * scale);
        d = focus - origin;
    }
    p.origin = origin, p.direction = normalize(d), p.throughput = vec(1);
    p.spread = 2 * length(load(s.right)) / s.size;
    p.pdf = -1, p.skip = p.inside = -1, p.specular = true;
    return p;
}

static Vec3 trace_sample(const Render& r, int x, int y, int index, bool centred, Features* f, Tally* tally) {
    Sampler q;
    q.start(r.settings.seed, (uint32_t)(y * r.settings.size + x), (uint32_t)index);
    float jx = 0.5f, jy = 0.5f, lens_u = 0, lens_v = 0;
    if (!centred) q.next2(jx, jy);
    q.dimension = 1;
    if (r.settings.aperture > 0) q.next2(lens_u, lens_v);
    Path p = camera_path(r.settings, x + jx, y + jy, lens_u, lens_v);
    if (f) *f = Features{vec(0), vec(0), INFINITY, 0, 0};
    p.tally = tally;
    return trace_path(r, p, q, f);
}

// Depth and object at the centre of a pixel, where the first sample did not go (a camera with a lens).
static void trace_centre(const Render& r, int x, int y, float& depth, int& object_id) {
    Settings s = r.settings;
    s.aperture = 0;
    Path p = camera_path(s, x + 0.5f, y + 0.5f, 0, 0);
    Hit hit = next_hit(r, p);
    depth = hit.face < 0 ? INFINITY : hit.t;
    object_id = hit.face < 0 ? 0 : r.scene->geometry.materials[r.scene->geometry.face_material[hit.face]].object_id;
}

static void render_pixel(const Render& r, int x, int y, const Output& out) {
    Vec3 color = vec(0), albedo = vec(0), normal = vec(0);
    float alpha = 0;
    int pixel = y * r.settings.size + x;
    bool lens = r.settings.aperture > 0;
    for (int i = 0; i < r.settings.samples; i++) {
        Features f;
        color = color + trace_sample(r, x, y, i, i == 0 && !lens, &f, nullptr);
        albedo = albedo + f.albedo, normal = normal + f.normal, alpha += f.alpha;
        if (i == 0) out.depth[pixel] = f.depth, out.object_id[pixel] = f.object_id;
    }
    if (lens) trace_centre(r, x, y, out.depth[pixel], out.object_id[pixel]);
    float scale = 1.f / r.settings.samples;
    for (int k = 0; k < 3; k++) {
        out.color[3 * pixel + k] = (&color.x)[k] * scale;
        out.albedo[3 * pixel + k] = min2((&albedo.x)[k] * scale, 1.f);
        out.normal[3 * pixel + k] = (&normal.x)[k] * scale;
    }
    out.alpha[pixel] = alpha * scale;
}

// A coarse picture first: how bright is bright, and which lights give it.
static void pilot(Render& r) {
    constexpr int GRID = 48, BLOCK = 6, BLOCKS = GRID / BLOCK;
    float brightness[BLOCKS * BLOCKS] = {0};
    Tally tally(r.scene->geometry.num_materials);
    for (int j = 0; j < GRID; j++)
        for (int i = 0; i < GRID; i++) {
            int x = (2 * i + 1) * r.settings.size / (2 * GRID), y = (2 * j + 1) * r.settings.size / (2 * GRID);
            Vec3 color = trace_sample(r, x, y, (1 << 20) + j % BLOCK * BLOCK + i % BLOCK, false, nullptr, &tally);
            brightness[j / BLOCK * BLOCKS + i / BLOCK] += luminance(color) / (BLOCK * BLOCK);
        }
    if (r.settings.clamp > 0) {
        std::sort(brightness, brightness + BLOCKS * BLOCKS);
        r.clamp_limit = r.settings.clamp * brightness[BLOCKS * BLOCKS * 3 / 4];
        if (!(r.clamp_limit > 0)) r.clamp_limit = FAR;
    }
    double sky = 0, emitters = 0;
    for (float found : tally.sky) sky += found;
    for (float found : tally.materials) emitters += found;
    if (!r.environment.dark() && !r.emitters.empty() && sky + emitters > 0)
        r.p_environment = clamp((float)(sky / (sky + emitters)), 0.1f, 0.9f);
    r.environment.learn(tally.sky);
    r.emitters.learn(r.scene->geometry, tally.materials);
}

static const AlbedoTable& albedo_table() {
    static const AlbedoTable* table = [] {
        AlbedoTable* t = new AlbedoTable;
        t->fill();
        return t;
    }();
    return *table;
}

}  // namespace reflet

// ------------------------------------------------------------------------------------------------- C interface
#define API __attribute__((visibility("default")))
extern "C" {

// The arrays behind `geometry` must outlive the scene.
API reflet::Scene* reflet_scene_new(const reflet::Geometry* geometry) {
    reflet::Scene* scene = new reflet::Scene;
    scene->geometry = *geometry;
    reflet::build_bvh(scene->bvh, geometry->vertices, geometry->faces, geometry->num_faces);
    return scene;
}

API void reflet_scene_free(reflet::Scene* scene) { delete scene; }

API void reflet_trace(const reflet::Scene* scene, const reflet::Settings* settings, const reflet::Output* out) {
    reflet::Render r;
    r.scene = scene, r.settings = *settings, r.table = &reflet::albedo_table();
    r.environment.prepare(settings->environment, settings->environment_width, settings->environment_height);
    r.emitters.prepare(scene->geometry, settings->lamps);
    r.p_environment = r.emitters.empty() ? 1.f : r.environment.dark() ? 0.f : 0.5f;
    reflet::pilot(r);
    std::atomic<int> row(0);
    auto work = [&] {
        for (int y; (y = row++) < settings->size;)
            for (int x = 0; x < settings->size; x++) reflet::render_pixel(r, x, y, *out);
    };
    std::vector<std::thread> helpers;
    for (int i = 1; i < settings->threads; i++) helpers.emplace_back(work);
    work();
    for (std::thread& t : helpers) t.join();
}
}
