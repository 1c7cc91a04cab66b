// What the tracer reads: flat geometry arrays, one material for each part, textures with mip levels; and how a
// hit becomes a surface point with its interpolated attributes. The structs are mirrored in tracer.py.
#pragma once
#include "tracer_bvh.h"

namespace reflet {

enum Kind : int32_t { OPAQUE = 0, DIFFUSE = 1, GLASS = 2, FROSTED = 3, THIN_GLASS = 4 };  // scene.SurfaceKind

constexpr int MAX_LEVELS = 14;

struct Texture {
    const uint8_t* color;     // square roots of linear RGB, and roughness in the fourth channel; all levels in a row
    const uint16_t* relief;   // height, or null
    const uint8_t* emission;  // square roots of radiance / emission_scale, four channels, or null
    float emission_scale;
    int32_t width, height, num_levels, has_roughness;
    int32_t level_offset[MAX_LEVELS];  // in texels
};

struct Material {           // scene.Surface, with what belongs to the part it covers
    int32_t kind, texture;  // texture -1: none
    float base[3], emission[3];
    float roughness, metallic, coat, ior, uv_scale, bump, subsurface;
    int32_t lamp, object_id, part;
    float extent;  // size of the part: tinted glass reaches its base colour at this thickness
};

struct Geometry {
    const float* vertices;         // (V, 3)
    const float* normals;          // (V, 3), unit
    const float* uvs;              // (V, 2)
    const float* colors;           // (V, 3) or null
    const int32_t* faces;          // (F, 3)
    const int32_t* face_material;  // (F,)
    const Material* materials;
    const Texture* textures;
    int32_t num_vertices, num_faces, num_materials, num_textures;
};

// --------------------------------------------------------------------------------------------------- textures
struct Texel {  // corners and weights of one bilinear read
    int a, b, c, d;
    float fx, fy;
};

HD float wrap(float x) { return x - floorf(x); }

HD Texel locate(const Texture& t, int level, float u, float v) {
    int w = t.width >> level, h = t.height >> level;
    if (w < 1) w = 1;
    if (h < 1) h = 1;
    float x = wrap(u) * w - 0.5f, y = wrap(v) * h - 0.5f;
    int x0 = (int)floorf(x), y0 = (int)floorf(y);
    float fx = x - x0, fy = y - y0;
    int x1 = x0 + 1 >= w ? 0 : x0 + 1, y1 = y0 + 1 >= h ? 0 : y0 + 1;
    if (x0 < 0) x0 = w - 1;
    if (y0 < 0) y0 = h - 1;
    if (x0 >= w) x0 = w - 1;
    if (y0 >= h) y0 = h - 1;
    int base = t.level_offset[level];
    return Texel{base + y0 * w + x0, base + y0 * w + x1, base + y1 * w + x0, base + y1 * w + x1, fx, fy};
}

// Four channels, bilinear in the stored (square-root) values.
HD void read4(const uint8_t* data, const Texel& q, float* out) {
    float wa = (1 - q.fx) * (1 - q.fy), wb = q.fx * (1 - q.fy), wc = (1 - q.fx) * q.fy, wd = q.fx * q.fy;
    const uint8_t *a = data + 4 * q.a, *b = data + 4 * q.b, *c = data + 4 * q.c, *d = data + 4 * q.d;
    for (int k = 0; k < 4; k++) out[k] = (a[k] * wa + b[k] * wb + c[k] * wc + d[k] * wd) * (1.f / 255);
}

HD float read_relief(const Texture& t, int level, float u, float v) {
    Texel q = locate(t, level, u, v);
    float top = lerp((float)t.relief[q.a], (float)t.relief[q.b], q.fx);
    float bottom = lerp((float)t.relief[q.c], (float)t.relief[q.d], q.fx);
    return lerp(top, bottom, q.fy) * (1.f / 65535);
}

HD Vec3 read_emission(const Texture& t, int level, float u, float v) {
    float c[4];
    read4(t.emission, locate(t, level, u, v), c);
    return vec(c[0] * c[0], c[1] * c[1], c[2] * c[2]) * t.emission_scale;
}

// Level whose texel matches a footprint given in uv units. `dither` in 0..1 chooses between the two nearest levels,
// so that over the samples of a pixel they blend.
HD int mip_level(const Texture& t, float footprint, float dither) {
    float texels = footprint * t.width;
    if (!(texels > 1)) return 0;
    return min2((int)(fast_log2(texels) + dither), t.num_levels - 1);
}

// ----------------------------------------------------------------------------------------------- surface point
struct SurfacePoint {
    Vec3 position;  // on the triangle
    Vec3 lifted;    // on the smooth surface that the triangle approximates: where rays start
    Vec3 ng, n;     // geometric and shading normal, both on the outer side
    Vec3 base, emission;
    float roughness;
    const Material* material;
};

struct Corners {
    int i, j, k;
    Vec3 p, q, r;
};

HD Corners corners(const Geometry& g, int face) {
    const int32_t* f = g.faces + 3 * face;
    return Corners{
        f[0], f[1], f[2], load(g.vertices + 3 * f[0]), load(g.vertices + 3 * f[1]), load(g.vertices + 3 * f[2])};
}

HD Vec3 blend(Vec3 a, Vec3 b, Vec3 c, float u, float v) { return a * (1 - u - v) + b * u + c * v; }

HD Vec3 blend3(const float* data, const Corners& c, float u, float v) {
    return blend(load(data + 3 * c.i), load(data + 3 * c.j), load(data + 3 * c.k), u, v);
}

HD void blend_uv(const Geometry& g, const Corners& c, float u, float v, float scale, float* uv) {
    for (int k = 0; k < 2; k++)
        uv[k] = scale * (g.uvs[2 * c.i + k] * (1 - u - v) + g.uvs[2 * c.j + k] * u + g.uvs[2 * c.k + k] * v);
}

// Radiance leaving a point of a face. `lamps` scales the surfaces that a view may switch off.
HD Vec3 emitted(const Geometry& g, const Material& m, const Corners& c, float u, float v, float lamps) {
    Vec3 e = load(m.emission);
    if (m.texture >= 0 && g.textures[m.texture].emission) {
        float uv[2];
        blend_uv(g, c, u, v, m.uv_scale, uv);
        e = e + read_emission(g.textures[m.texture], 0, uv[0], uv[1]);
    }
    return m.lamp ? e * lamps : e;
}

HD bool is_emissive(const Geometry& g, const Material& m) {
    return m.emission[0] > 0 || m.emission[1] > 0 || m.emission[2] > 0 ||
           (m.texture >= 0 && g.textures[m.texture].emission);
}

// Derivatives of position by texture coordinate; false where the mapping is degenerate.
HD bool uv_derivatives(const Geometry& g, const Corners& c, float scale, Vec3& du, Vec3& dv) {
    const float *a = g.uvs + 2 * c.i, *b = g.uvs + 2 * c.j, *d = g.uvs + 2 * c.k;
    float u1 = (b[0] - a[0]) * scale, v1 = (b[1] - a[1]) * scale, u2 = (d[0] - a[0]) * scale,
          v2 = (d[1] - a[1]) * scale;
    float det = u1 * v2 - u2 * v1;
    if (!(fabsf(det) > 1e-14f)) return false;
    Vec3 e1 = c.q - c.p, e2 = c.r - c.p;
    du = (e1 * v2 - e2 * v1) * (1 / det);
    dv = (e2 * u1 - e1 * u2) * (1 / det);
    return true;
}

// Bump mapping (Blinn 1978): the normal of the surface displaced along n by the relief.
HD Vec3 bumped(const Texture& t, int level, float u, float v, float bump, Vec3 du, Vec3 dv, Vec3 n) {
    int w = t.width >> level, h = t.height >> level;
    float eu = 1.f / (w > 1 ? w : 1), ev = 1.f / (h > 1 ? h : 1);
    float h0 = read_relief(t, level, u, v);
    float slope_u = (read_relief(t, level, u + eu, v) - h0) * bump / eu;
    float slope_v = (read_relief(t, level, u, v + ev) - h0) * bump / ev;
    float side = dot(cross(du, dv), n) >= 0 ? 1.f : -1.f;
    Vec3 result = cross(du + n * (slope_u - dot(du, n)), dv + n * (slope_v - dot(dv, n))) * side;
    return dot(result, result) > 0 ? normalize(result) : n;
}

// Where a ray leaving the smooth surface should start, so that the shadow's edge does not follow the triangles
// (Hanika 2021, "Hacking the Shadow Terminator", Ray Tracing Gems II ch. 4).
HD Vec3 lift(const Geometry& g, const Corners& c, Vec3 position, Vec3 ng, float u, float v) {
    Vec3 na = load(g.normals + 3 * c.i), nb = load(g.normals + 3 * c.j), nc = load(g.normals + 3 * c.k);
    Vec3 a = na * min2(0.f, dot(position - c.p, na)), b = nb * min2(0.f, dot(position - c.q, nb)),
         d = nc * min2(0.f, dot(position - c.r, nc));
    Vec3 offset = -blend(a, b, d, u, v);
    return dot(offset, ng) > 0 ? position + offset : position;
}

// `width` is the ray's footprint at the hit, in world units; `dither` in 0..1 blends texture levels.
HD void surface_at(const Geometry& g, const Hit& hit, Vec3 direction, float width, float lamps, float dither,
                   SurfacePoint& s) {
    const Material& m = g.materials[g.face_material[hit.face]];
    Corners c = corners(g, hit.face);
    float u = hit.u, v = hit.v;
    s.material = &m;
    s.position = blend(c.p, c.q, c.r, u, v);
    s.ng = normalize(cross(c.q - c.p, c.r - c.p));
    s.n = normalize(blend3(g.normals, c, u, v));
    if (!(dot(s.n, s.ng) > 0.05f)) s.n = s.ng;  // normals that contradict the triangle would shade black
    s.lifted = lift(g, c, s.position, s.ng, u, v);
    s.base = load(m.base);
    s.roughness = m.roughness;
    s.emission = load(m.emission);
    if (g.colors) s.base = s.base * blend3(g.colors, c, u, v);
    if (m.texture >= 0) {
        const Texture& t = g.textures[m.texture];
        float uv[2], channels[4];
        Vec3 du = vec(0), dv = vec(0);
        blend_uv(g, c, u, v, m.uv_scale, uv);
        bool mapped = uv_derivatives(g, c, m.uv_scale, du, dv);
        // Seen at a slant the footprint is long one way only: the root blurs half as much as it would need.
        float slant = sqrtf(max2(fabsf(dot(direction, s.ng)), 0.04f));
        int level = mapped ? mip_level(t, width / (slant * sqrtf(length(cross(du, dv))) + 1e-20f), dither) : 0;
        read4(t.color, locate(t, level, uv[0], uv[1]), channels);
        s.base = s.base * vec(channels[0] * channels[0], channels[1] * channels[1], channels[2] * channels[2]);
        if (t.has_roughness) s.roughness = channels[3];
        if (t.emission) s.emission = s.emission + read_emission(t, level, uv[0], uv[1]);
        if (t.relief && m.bump != 0 && mapped) s.n = bumped(t, level, uv[0], uv[1], m.bump, du, dv, s.n);
    }
    if (m.lamp) s.emission = s.emission * lamps;
}

// Moves a point off its surface by some units in the last place, so that a new ray cannot meet it again
// (Waechter & Binder 2019, "A Fast and Robust Method for Avoiding Self-Intersection", Ray Tracing Gems ch. 6).
HD float nudge(float p, float n) {
    union {
        float f;
        int32_t i;
    } bits = {p};
    int32_t steps = (int32_t)(256.f * n);
    bits.i += p < 0 ? -steps : steps;
    return fabsf(p) < 1.f / 32 ? p + n * (1.f / 65536) : bits.f;
}

HD Vec3 offset_along(Vec3 p, Vec3 n) { return vec(nudge(p.x, n.x), nudge(p.y, n.y), nudge(p.z, n.z)); }

}  // namespace reflet
