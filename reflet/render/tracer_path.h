// What a path does at each surface it meets: light sampling with shadow rays, glass, rough glass, bounces.
// Unidirectional, a light sample at every rough surface, multiple importance sampling (Veach 1997).
#pragma once
#include "tracer_bsdf.h"
#include "tracer_light.h"

namespace reflet {

struct Settings {  // mirrored in tracer.py
    float eye[3], forward[3];
    float right[3], up[3];  // scaled to the half width of the picture at distance 1
    float aperture, focus_distance, lamps, clamp;
    int32_t size, samples, max_depth, hide_environment, threads;
    uint32_t seed;
    const float* environment;
    int32_t environment_height, environment_width;
};

struct Features {  // what the denoiser and the captions are told of a path
    Vec3 albedo, normal;
    float depth, alpha;
    int object_id;
};

struct Scene {
    Geometry geometry;
    Bvh bvh;
};

struct Render {  // everything fixed during one trace call
    const Scene* scene;
    Settings settings;
    Environment environment;
    Emitters emitters;
    const AlbedoTable* table;
    float p_environment = 0.5f;  // chance that a light sample goes to the environment
    float clamp_limit = FAR;     // of what one bounced path may add
};

constexpr int MAX_EVENTS = 48;          // crossings and mirror bounces, which do not count as depth
constexpr float CROSSING_TINT = 0.25f;  // exponent of the base colour at each face of tinted glass
constexpr float REGULAR_ALPHA = 0.04f;  // least alpha of lobes met after a diffuse bounce

HD Vec3 power(Vec3 base, float exponent) {
    if (base.x == 1 && base.y == 1 && base.z == 1) return base;
    return vec(powf(max2(base.x, 1e-4f), exponent), powf(max2(base.y, 1e-4f), exponent),
               powf(max2(base.z, 1e-4f), exponent));
}

HD bool is_clear(const Material& m) { return m.kind == GLASS || m.kind == THIN_GLASS; }

// Share of light mirrored by a pane: both faces, and what goes back and forth between them.
HD float pane_reflectance(float cosine, float ior) {
    float cos_t, r = fresnel_dielectric(cosine, ior, cos_t);
    return 2 * r / (1 + r);
}

// Reflectance of one face of clear glass; the ray may come from either side.
HD float face_reflectance(const Material& m, float cosine, bool inside) {
    if (m.kind == THIN_GLASS) return pane_reflectance(cosine, m.ior);
    float cos_t;
    return fresnel_dielectric(cosine, inside ? 1 / m.ior : m.ior, cos_t);
}

// ---------------------------------------------------------------------------------------------- shadow rays
// Glass lets light pass straight and tinted: soft coloured shadows instead of caustics, which would need far more
// samples. Paths that bounced off a rough surface cross glass the same way, so both estimates agree.
// `through_frosted` is false for light reaching frosted glass itself, whose refraction is traced.
inline Vec3 transmittance(const Render& r, Vec3 origin, Vec3 direction, float distance, bool through_frosted) {
    const Geometry& g = r.scene->geometry;
    Vec3 result = vec(1);
    struct {
        const Material* material;
        float length;  // signed: entries subtract their distance, exits add it
        int crossings;
    } solids[4];
    int num_solids = 0;
    bool blocked = false;
    traverse(r.scene->bvh, origin, direction, distance, [&](int face, float t, float, float) {
        const Material& m = g.materials[g.face_material[face]];
        if (!(is_clear(m) || (m.kind == FROSTED && through_frosted))) {
            blocked = true;
            return -1.f;
        }
        Corners c = corners(g, face);
        float cosine = dot(normalize(cross(c.q - c.p, c.r - c.p)), direction);
        if (m.kind == THIN_GLASS) {
            result = result * load(m.base) * (1 - pane_reflectance(fabsf(cosine), m.ior));
            return distance;
        }
        // Straight through, a face seen from inside would soon reflect all light; the outer face stands for both.
        result = result * (1 - face_reflectance(m, fabsf(cosine), false));
        int k = 0;
        while (k < num_solids && solids[k].material != &m) k++;
        if (k == num_solids) {
            if (num_solids == 4) return distance;
            solids[num_solids++] = {&m, 0, 0};
        }
        solids[k].length += cosine > 0 ? t : -t;
        solids[k].crossings++;
        return distance;
    });
    if (blocked) return vec(0);
    for (int k = 0; k < num_solids; k++) {
        const Material& m = *solids[k].material;
        result =
            result * power(load(m.base), solids[k].crossings * CROSSING_TINT + max2(solids[k].length, 0.f) / m.extent);
    }
    return result;
}

// ------------------------------------------------------------------------------------------------------- path
struct Path {
    Vec3 origin, direction, throughput, radiance;
    float footprint, spread;  // width of the ray's beam at its origin, and its growth with distance
    float pdf;                // of the last rough bounce, negative where the light could not have been sampled
    float travelled;          // since that bounce
    int skip;                 // the face just crossed, or -1
    int inside;               // part whose translucent body the path crosses, or -1
    int bounces;              // rough ones
    bool scattered;           // met a rough surface: glass is then crossed straight
    bool bounced;             // met an opaque surface: frosted glass too
    bool specular;            // still a camera ray by way of mirrors and glass
    bool caustic;             // mirrored by glass after a rough surface
    Tally* tally;             // only during the pilot
};

HD float power_heuristic(float a, float b) { return a * a / (a * a + b * b); }

inline void add_light(const Render& r, Path& p, Vec3 light) {
    float limit = p.bounces == 0 ? FAR : p.bounces == 1 && !p.caustic ? 16 * r.clamp_limit : r.clamp_limit;
    float top = max_component(light);
    if (!(top < FAR)) return;  // also drops NaN
    p.radiance = p.radiance + (top > limit ? light * (limit / top) : light);
}

inline Hit next_hit(const Render& r, const Path& p) {
    Hit hit = {FAR, 0, 0, -1};
    int skip = p.skip;
    traverse(r.scene->bvh, p.origin, p.direction, FAR, [&](int face, float t, float u, float v) {
        if (face == skip) return hit.t;
        hit = Hit{t, u, v, face};
        return t;
    });
    return hit;
}

// One light, sampled from the environment or from the emitters.
inline LightSample sample_light(const Render& r, Sampler& q, Vec3 from, bool& from_environment) {
    float u, v, choice = 0, p = r.p_environment;
    if (p < 1) choice = q.next();
    else q.skip();
    q.next2(u, v);
    from_environment = choice < p;
    LightSample s;
    if (from_environment) {
        s = r.environment.sample(u, v);
        s.pdf *= p;
    } else {
        s = r.emitters.sample(r.scene->geometry, from, r.settings.lamps, (choice - p) / (1 - p), u, v);
        s.pdf *= 1 - p;
        s.distance *= 0.9998f;
    }
    return s;
}

// Light that reaches a rough surface directly. `eval(wi, pdf)` is the surface's f cos for a world direction.
template <class Eval>
inline void gather(const Render& r, Path& p, Sampler& q, const SurfacePoint& s, Vec3 ng, bool frosted, Eval eval) {
    bool from_environment, translucent = s.material->subsurface > 0 && !frosted;
    LightSample light = sample_light(r, q, s.lifted, from_environment);
    if (!(light.pdf > 0)) return;
    float side = dot(light.direction, ng), pdf;
    if (side <= 0 && !frosted && !translucent) return;
    Vec3 f = eval(light.direction, pdf);
    Vec3 c = p.throughput * f * light.radiance * (power_heuristic(light.pdf, pdf) / light.pdf);
    if (!(max_component(c) > 1e-7f)) return;
    Vec3 start = offset_along(side > 0 ? s.lifted : s.position, side > 0 ? ng : -ng);
    float distance = light.distance;
    if (side < 0 && translucent && s.material->kind == OPAQUE) {  // first cross the body, then look for blockers
        Hit exit = closest_hit(r.scene->bvh, start, light.direction, distance);
        if (exit.face >= 0) {
            const Geometry& g = r.scene->geometry;
            const Material& m = g.materials[g.face_material[exit.face]];
            if (m.part != s.material->part) return;
            c = c * power(load(m.base) * 0.5f, 4 * exit.t / (m.subsurface * m.extent));
            Corners k = corners(g, exit.face);
            Vec3 out = normalize(cross(k.q - k.p, k.r - k.p));
            start = offset_along(start + light.direction * exit.t, dot(out, light.direction) > 0 ? out : -out);
            distance -= exit.t;
        }
    }
    c = c * transmittance(r, start, light.direction, distance, !frosted);
    if (p.tally) (from_environment ? p.tally->sky : p.tally->materials)[light.source] += luminance(c);
    add_light(r, p, c);
}

// Continues a path in direction wi from the side of the surface that it leaves.
inline void leave(Path& p, const SurfacePoint& s, Vec3 ng, Vec3 wi, float pdf) {
    bool outwards = dot(wi, ng) > 0;
    p.origin = offset_along(outwards ? s.lifted : s.position, outwards ? ng : -ng);
    p.direction = wi;
    p.pdf = pdf;
    p.travelled = 0;
    p.skip = -1;
    p.scattered = true;
}

// Goes straight through the face just hit. The new origin lies before it, and the face is skipped, so that
// another surface touching it (glass standing on a table) is not jumped over.
inline void pass(Path& p, const SurfacePoint& s, const Hit& hit, float t) {
    p.origin = offset_along(s.position, dot(p.direction, s.ng) > 0 ? -s.ng : s.ng);
    p.skip = hit.face;
    p.travelled += t;
}

// Clear glass: mirror or refract. After a rough bounce the light crosses straight (see `transmittance`).
inline void cross_glass(Path& p, Sampler& q, const SurfacePoint& s, const Hit& hit, Vec3 n, bool inside) {
    const Material& m = *s.material;
    float cosine = clamp(-dot(p.direction, n), 1e-4f, 1.f);
    bool straight = p.scattered || m.kind == THIN_GLASS;
    float reflectance = face_reflectance(m, cosine, p.scattered ? false : inside);
    Vec3 tint = m.kind == THIN_GLASS ? s.base : power(s.base, CROSSING_TINT);
    if (inside && m.kind == GLASS) p.throughput = p.throughput * power(s.base, hit.t / m.extent);
    if (q.next() < reflectance) {
        Vec3 ng = inside ? -s.ng : s.ng;
        p.direction = normalize(p.direction + n * (2 * cosine));
        if (dot(p.direction, ng) <= 0) p.direction = normalize(p.direction - ng * (2 * dot(p.direction, ng)));
        p.origin = offset_along(s.position, ng);
        p.skip = -1;
        p.pdf = -1;
        p.caustic = p.scattered;
        return;
    }
    p.throughput = p.throughput * tint;
    if (!straight) {
        float eta = inside ? 1 / m.ior : m.ior, cos_t;
        fresnel_dielectric(cosine, eta, cos_t);
        p.direction = normalize(p.direction * (1 / eta) + n * (cosine / eta - cos_t));
    }
    pass(p, s, hit, hit.t);
}

// Rough glass, refracted by its microfacets.
inline bool cross_frosted(const Render& r, Path& p, Sampler& q, const SurfacePoint& s, const Hit& hit, Vec3 n,
                          bool inside) {
    const Material& m = *s.material;
    FrostedBsdf b = {max2(s.roughness * s.roughness, 0.003f), inside ? 1 / m.ior : m.ior};
    if (b.eta > 0.9999f && b.eta < 1.0001f) b.eta = 1.0001f;
    if (inside) p.throughput = p.throughput * power(s.base, hit.t / m.extent);
    Vec3 tint = power(s.base, CROSSING_TINT), ng = inside ? -s.ng : s.ng;
    Frame frame = make_frame(n);
    Vec3 wo = frame.to_local(-p.direction);
    gather(r, p, q, s, ng, true, [&](Vec3 wi, float& pdf) { return b.eval(wo, frame.to_local(wi), tint, pdf); });
    float u, v, lobe = q.next();
    q.next2(u, v);
    Scatter c = b.sample(wo, tint, lobe, u, v);
    if (!(c.pdf > 0)) return false;
    p.throughput = p.throughput * c.weight;
    leave(p, s, ng, frame.to_world(c.wi), c.pdf);
    p.spread = max2(p.spread, 0.25f * b.alpha);
    return true;
}

// An opaque or diffuse surface.
inline bool bounce(const Render& r, Path& p, Sampler& q, const SurfacePoint& s, Vec3 ng, Vec3 n) {
    OpaqueBsdf b;
    Frame frame = make_frame(n);
    Vec3 wo = frame.to_local(-p.direction);
    b.set(*r.table, s, wo, p.bounced ? REGULAR_ALPHA : 0.f);
    gather(r, p, q, s, ng, false, [&](Vec3 wi, float& pdf) { return b.eval(wo, frame.to_local(wi), pdf); });
    float u, v, lobe = 0;
    if (b.p_diffuse < 1 || b.through > 0) lobe = q.next();
    else q.skip();
    q.next2(u, v);
    Scatter c = b.sample(wo, lobe, u, v);
    if (!(c.pdf > 0)) return false;
    Vec3 wi = frame.to_world(c.wi);
    bool crosses = c.wi.z < 0;
    if ((dot(wi, ng) < 0) != crosses) return false;
    p.throughput = p.throughput * c.weight;
    p.inside = crosses && s.material->kind == OPAQUE ? s.material->part : -1;
    leave(p, s, ng, wi, c.pdf);
    bool wide = lobe < b.p_diffuse;
    p.bounced |= wide || b.alpha > 0.1f;
    p.spread = max2(p.spread, wide ? 0.2f : 0.5f * b.alpha);
    return true;
}

// The shading normal on the side of the viewer, turned where a mirror ray would go below the surface.
inline Vec3 facing_normal(Vec3 n, Vec3 ng, Vec3 wo, bool mirrors) {
    float c = dot(n, wo);
    if (c < 0.01f) n = normalize(n + wo * (0.02f - c)), c = dot(n, wo);
    if (!mirrors) return n;
    Vec3 r = n * (2 * c) - wo;
    float below = 0.01f - dot(r, ng);
    return below > 0 ? normalize(normalize(r + ng * below) + wo) : n;
}

inline void miss(const Render& r, Path& p, Features* f, bool camera_ray) {
    float pdf, weight = 1;
    Vec3 light = r.environment.lookup(p.direction, pdf);
    if (p.specular && f && !camera_ray)
        f->albedo = vec(light.x / (1 + light.x), light.y / (1 + light.y), light.z / (1 + light.z));
    if (camera_ray && r.settings.hide_environment) return;
    if (p.pdf > 0) weight = power_heuristic(p.pdf, pdf * r.p_environment);
    add_light(r, p, p.throughput * light * weight);
}

inline Vec3 trace_path(const Render& r, Path& p, Sampler& q, Features* features) {
    const Geometry& g = r.scene->geometry;
    for (int event = 0; event < MAX_EVENTS; event++) {
        q.dimension = 8 + 8 * event;
        Hit hit = next_hit(r, p);
        if (hit.face < 0) {
            miss(r, p, features, event == 0);
            break;
        }
        SurfacePoint s;
        p.footprint += hit.t * p.spread;
        surface_at(g, hit, p.direction, p.footprint, r.settings.lamps, q.next_loose(), s);
        const Material& m = *s.material;
        bool inside = dot(s.ng, p.direction) > 0;
        Vec3 ng = inside ? -s.ng : s.ng;
        if (event == 0 && features) features->depth = hit.t, features->alpha = 1, features->object_id = m.object_id;
        if (p.inside >= 0) {  // the far side of a translucent body
            bool out = p.inside == m.part && inside;
            p.inside = -1;
            if (out) {
                p.throughput = p.throughput * power(load(m.base) * 0.5f, 4 * hit.t / (m.subsurface * m.extent));
                pass(p, s, hit, hit.t);
                continue;
            }
        }
        if (!inside && max_component(s.emission) > 0) {
            float weight = 1;
            if (p.pdf > 0)
                weight = power_heuristic(p.pdf, r.emitters.pdf(hit.face, p.travelled + hit.t, dot(s.ng, p.direction)) *
                                                    (1 - r.p_environment));
            add_light(r, p, p.throughput * s.emission * weight);
        }
        bool mirror = is_clear(m) || (m.kind == OPAQUE && m.metallic > 0.5f && s.roughness < 0.15f);
        Vec3 n = facing_normal(inside ? -s.n : s.n, ng, -p.direction, m.kind == OPAQUE || is_clear(m));
        if (p.specular && features) {
            if (event == 0 || !mirror) features->normal = n, features->albedo = is_clear(m) ? vec(1) : s.base;
            p.specular = mirror;
        }
        if (is_clear(m) || (m.kind == FROSTED && p.bounced)) {
            cross_glass(p, q, s, hit, n, inside);
        } else {
            if (p.bounces >= r.settings.max_depth) break;
            if (!(m.kind == FROSTED ? cross_frosted(r, p, q, s, hit, n, inside) : bounce(r, p, q, s, ng, n))) break;
            p.bounces++;
        }
        if (event >= 2) {  // Russian roulette
            float survive = min2(max_component(p.throughput), 0.97f);
            if (!(q.next_loose() < survive)) break;
            p.throughput = p.throughput * (1 / survive);
        }
    }
    return p.radiance;
}

}  // namespace reflet
