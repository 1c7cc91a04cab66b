// How surfaces scatter light. All directions are in the local frame of the shading normal (z up), pointing away.
// Microfacets: GGX with height-correlated Smith masking (Heitz 2014), sampled by visible normals with spherical
// caps (Dupuy & Benyoub 2023). Energy: the diffuse base is scaled by what the layer above lets through both ways
// (Kulla & Conty 2017), specular is compensated for lost multiple scattering (Turquin 2019).
#pragma once
#include "tracer_scene.h"

namespace reflet {

constexpr float COAT_ALPHA = 0.01f, COAT_F0 = 0.04f;
constexpr float MIN_ALPHA = 0.0008f;

// ------------------------------------------------------------------------------------------------------- GGX
HD float ggx(Vec3 h, float alpha) {  // written so that nothing cancels for tiny alpha
    float x = (h.x * h.x + h.y * h.y) / (alpha * alpha) + h.z * h.z;
    return 1 / (PI * alpha * alpha * x * x);
}

HD float smith_root(float mu, float alpha) { return sqrtf(alpha * alpha + (1 - alpha * alpha) * mu * mu); }
HD float smith_g1(float mu, float alpha) { return 2 * mu / (mu + smith_root(mu, alpha)); }

// G2 / (4 mu_o mu_i), height-correlated.
HD float visibility(float mu_o, float mu_i, float alpha) {
    return 0.5f / (mu_o * smith_root(mu_i, alpha) + mu_i * smith_root(mu_o, alpha) + 1e-9f);
}

HD Vec3 sample_visible_normal(Vec3 wo, float alpha, float u, float v) {
    Vec3 w = normalize(vec(wo.x * alpha, wo.y * alpha, wo.z));
    float s, c, z = (1 - v) * (1 + w.z) - w.z, r = sqrtf(clamp(1 - z * z, 0, 1));
    sincos_turn(u, s, c);
    Vec3 h = vec(r * c + w.x, r * s + w.y, z + w.z);
    return normalize(vec(h.x * alpha, h.y * alpha, max2(h.z, 1e-6f)));
}

HD Vec3 reflect(Vec3 wo, Vec3 h) { return h * (2 * dot(wo, h)) - wo; }

// Unpolarised Fresnel reflectance of a dielectric; eta = index behind / index before. `cos_t` is 0 if all is reflected.
HD float fresnel_dielectric(float cos_i, float eta, float& cos_t) {
    float k = 1 - (1 - cos_i * cos_i) / (eta * eta);
    cos_t = 0;
    if (k <= 0) return 1;
    cos_t = sqrtf(k);
    float s = (cos_i - eta * cos_t) / (cos_i + eta * cos_t), p = (eta * cos_i - cos_t) / (eta * cos_i + cos_t);
    return 0.5f * (s * s + p * p);
}

HD float f0_of(float ior) { return (ior - 1) * (ior - 1) / ((ior + 1) * (ior + 1)); }

// ----------------------------------------------------------------------------------------------- albedo tables
// With Schlick's Fresnel the share of light that GGX reflects is f0 * a + b, a and b functions of roughness and
// angle. Rows are roughness (square root of alpha), columns the cosine, both over 0..1.
struct AlbedoTable {
    static constexpr int N = 32;
    float a[N][N], b[N][N], mean_a[N], mean_b[N];

    void fill() {
        for (int i = 0; i < N; i++) {
            float root = i / (N - 1.f), alpha = max2(root * root, MIN_ALPHA);
            mean_a[i] = mean_b[i] = 0;
            for (int j = 0; j < N; j++) integrate(alpha, max2(j / (N - 1.f), 1e-3f), a[i][j], b[i][j]);
            for (int j = 0; j + 1 < N; j++) {  // 2 mu d(mu), trapezium rule
                float x = j / (N - 1.f), y = (j + 1) / (N - 1.f);
                mean_a[i] += (a[i][j] * x + a[i][j + 1] * y) / (N - 1);
                mean_b[i] += (b[i][j] * x + b[i][j + 1] * y) / (N - 1);
            }
        }
    }
    static void integrate(float alpha, float mu, float& a, float& b) {
        constexpr int M = 16;
        Vec3 wo = vec(sqrtf(1 - mu * mu), 0, mu);
        a = b = 0;
        for (int k = 0; k < M * M; k++) {
            Vec3 h = sample_visible_normal(wo, alpha, (k % M + 0.5f) / M, (k / M + 0.5f) / M), wi = reflect(wo, h);
            if (wi.z <= 0) continue;
            float weight = 4 * wi.z * mu * visibility(mu, wi.z, alpha) / smith_g1(mu, alpha),
                  f = pow5(1 - max2(dot(wo, h), 0.f));
            a += weight * (1 - f) / (M * M);
            b += weight * f / (M * M);
        }
    }
    // Share reflected at one angle, without and with the Fresnel term.
    HD void at(float alpha, float mu, float& out_a, float& out_b) const {
        float x = sqrtf(alpha) * (N - 1), y = mu * (N - 1);
        int i = (int)x < N - 2 ? (int)x : N - 2, j = (int)y < N - 2 ? (int)y : N - 2;
        x -= i, y -= j;
        out_a = lerp(lerp(a[i][j], a[i][j + 1], y), lerp(a[i + 1][j], a[i + 1][j + 1], y), x);
        out_b = lerp(lerp(b[i][j], b[i][j + 1], y), lerp(b[i + 1][j], b[i + 1][j + 1], y), x);
    }
    HD float at(float alpha, float mu, float f0) const {
        float x, y;
        at(alpha, mu, x, y);
        return f0 * x + y;
    }
    HD float mean(float alpha, float f0) const {
        float x = sqrtf(alpha) * (N - 1);
        int i = (int)x < N - 2 ? (int)x : N - 2;
        return f0 * lerp(mean_a[i], mean_a[i + 1], x - i) + lerp(mean_b[i], mean_b[i + 1], x - i);
    }
};

// ---------------------------------------------------------------------------------------- opaque and diffuse
struct Scatter {
    Vec3 wi, weight;  // weight = f cos / pdf
    float pdf;        // 0: the path ends
};

struct OpaqueBsdf {
    const AlbedoTable* table;
    Vec3 diffuse, f0;
    float f0_layer, alpha, coat, through;  // `through`: share of the diffuse light that leaves on the other side
    float p_diffuse, p_coat;               // chances of choosing a lobe; the rest is specular
    float diffuse_scale, coat_left;        // what the layers let through towards wo
    Vec3 compensation;

    // `min_alpha` blurs lobes that a path reaches after a diffuse bounce (path space regularisation, Kaplanyan
    // & Dachsbacher 2013), which removes most caustic fireflies at no loss of energy.
    HD void set(const AlbedoTable& t, const SurfacePoint& s, Vec3 wo, float min_alpha) {
        const Material& m = *s.material;
        table = &t;
        diffuse = s.base * (1 - m.metallic);
        through = 0.5f * m.subsurface;
        p_diffuse = 1, p_coat = coat = 0, diffuse_scale = 1;
        f0_layer = 0, alpha = 1;
        if (m.kind == DIFFUSE) return;
        alpha = max2(max2(s.roughness * s.roughness, MIN_ALPHA), min_alpha);
        coat = m.coat;
        f0_layer = f0_of(m.ior);
        f0 = lerp(vec(f0_layer), s.base, m.metallic);
        float a, b, mu = wo.z;
        t.at(alpha, mu, a, b);
        float lost = 1 / max2(a + b, 0.1f) - 1;
        compensation = vec(1) + f0 * lost;
        Vec3 specular = (f0 * a + vec(b)) * compensation;
        float layer = (f0_layer * a + b) * (1 + f0_layer * lost);
        diffuse_scale = (1 - layer) / (1 - min2(t.mean(alpha, f0_layer), 0.9f));
        float coat_albedo = coat > 0 ? coat * t.at(COAT_ALPHA, mu, COAT_F0) : 0.f;
        coat_left = 1 - coat_albedo;
        if (coat > 0) diffuse_scale *= coat_left / (1 - coat * t.mean(COAT_ALPHA, COAT_F0));
        float d = luminance(diffuse) * (1 - layer) * coat_left, sp = luminance(specular) * coat_left,
              sum = d + sp + coat_albedo + 1e-6f;
        p_diffuse = luminance(diffuse) > 0 ? clamp(d / sum, 0.1f, 0.9f) : 0.f;
        p_coat = coat > 0 ? clamp(coat_albedo / sum, 0.1f, 0.9f) * (1 - p_diffuse) : 0.f;
    }

    // f cos(wi), and the density with which `sample` would choose wi.
    HD Vec3 eval(Vec3 wo, Vec3 wi, float& pdf) const {
        float mu_o = wo.z, mu_i = wi.z, scale = diffuse_scale;
        pdf = 0;
        if (mu_i <= 0) {
            pdf = p_diffuse * through * -mu_i * INV_PI;
            return diffuse * (through * -mu_i * INV_PI);
        }
        pdf = p_diffuse * (1 - through) * mu_i * INV_PI;
        Vec3 f = diffuse * ((1 - through) * INV_PI);
        if (f0_layer == 0 && p_diffuse == 1) return f * mu_i;
        float a, b;
        table->at(alpha, mu_i, a, b);
        scale *= 1 - (f0_layer * a + b) * (1 + f0_layer * (1 / max2(a + b, 0.1f) - 1));
        float coat_i = coat > 0 ? coat * table->at(COAT_ALPHA, mu_i, COAT_F0) : 0.f;
        f = f * (scale * (1 - coat_i));
        Vec3 h = normalize(wo + wi);
        float fresnel = pow5(1 - clamp(dot(wo, h), 0, 1)), d = ggx(h, alpha);
        f = f + (f0 + (vec(1) - f0) * fresnel) * compensation *
                    (d * visibility(mu_o, mu_i, alpha) * min2(coat_left, 1 - coat_i));
        pdf += (1 - p_diffuse - p_coat) * d / (2 * (mu_o + smith_root(mu_o, alpha)));
        if (coat > 0) {
            d = ggx(h, COAT_ALPHA);
            f = f + vec(coat * (COAT_F0 + (1 - COAT_F0) * fresnel) * d * visibility(mu_o, mu_i, COAT_ALPHA));
            pdf += p_coat * d / (2 * (mu_o + smith_root(mu_o, COAT_ALPHA)));
        }
        return f * mu_i;
    }

    HD Scatter sample(Vec3 wo, float lobe, float u, float v) const {
        Scatter s = {vec(0), vec(0), 0};
        if (lobe < p_diffuse) {
            float sine, cosine, r = sqrtf(v);
            sincos_turn(u, sine, cosine);
            s.wi = vec(r * cosine, r * sine, sqrtf(max2(1 - v, 1e-7f)));
            if (lobe < p_diffuse * through) s.wi.z = -s.wi.z;
        } else {
            s.wi = reflect(wo, sample_visible_normal(wo, lobe < p_diffuse + p_coat ? COAT_ALPHA : alpha, u, v));
            if (s.wi.z <= 0) return s;
        }
        float pdf;
        Vec3 f = eval(wo, s.wi, pdf);
        if (!(pdf > 1e-8f)) return s;
        s.pdf = pdf;
        s.weight = f * (1 / pdf);
        return s;
    }
};

// ---------------------------------------------------------------------------------------------- rough dielectric
// Walter et al. 2007, "Microfacet Models for Refraction". eta = index on the far side / index on the side of wo.
// The change of radiance by eta squared is left out: what enters an object leaves it again.
struct FrostedBsdf {
    float alpha, eta;

    HD Vec3 eval(Vec3 wo, Vec3 wi, Vec3 tint, float& pdf) const {
        bool same_side = wi.z > 0;
        Vec3 h = same_side ? wo + wi : wo + wi * eta;
        h = normalize(h.z < 0 ? -h : h);
        float oh = dot(wo, h), ih = dot(wi, h), cos_t;
        pdf = 0;
        if (oh <= 0 || (ih > 0) != same_side || fabsf(wi.z) < 1e-6f) return vec(0);
        float f = fresnel_dielectric(oh, eta, cos_t), g1 = smith_g1(wo.z, alpha), gi = smith_g1(fabsf(wi.z), alpha);
        float visible = g1 * ggx(h, alpha) * oh / wo.z;  // density of the visible normal
        float jacobian = 1 / (4 * oh);
        if (!same_side) jacobian = eta * eta * -ih / ((oh + eta * ih) * (oh + eta * ih) + 1e-9f);
        pdf = visible * jacobian * (same_side ? f : 1 - f);
        return (same_side ? vec(1) : tint) * (pdf * gi);
    }

    HD Scatter sample(Vec3 wo, Vec3 tint, float lobe, float u, float v) const {
        Scatter s = {vec(0), vec(0), 0};
        Vec3 h = sample_visible_normal(wo, alpha, u, v);
        float oh = dot(wo, h), cos_t, f = fresnel_dielectric(oh, eta, cos_t);
        bool mirrored = lobe < f;
        s.wi = mirrored ? reflect(wo, h) : h * (oh / eta - cos_t) - wo * (1 / eta);
        if ((s.wi.z > 0) != mirrored) return s;
        float pdf;
        Vec3 value = eval(wo, s.wi, tint, pdf);
        if (!(pdf > 1e-8f)) return s;
        s.pdf = pdf;
        s.weight = value * (1 / pdf);
        return s;
    }
};

}  // namespace reflet
