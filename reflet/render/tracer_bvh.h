// An 8-wide bounding volume hierarchy over triangles: binned surface-area build, vectorised traversal.
// Build after Wald 2007, "On fast Construction of SAH-based Bounding Volume Hierarchies"; collapse to eight
// children by largest area after Wald, Benthin & Boulos 2008, "Getting Rid of Packets".
#pragma once
#include <algorithm>
#include <vector>

#include "tracer_math.h"
#if defined(__SSE__) && !defined(__CUDACC__)
#include <immintrin.h>
#endif

namespace reflet {

constexpr int WIDTH = 8;  // children of a node
constexpr int LANES = 4;  // triangles tested at once; one leaf holds one or two blocks of them

struct alignas(32) Node {
    float low[3][WIDTH], high[3][WIDTH];
    int32_t child[WIDTH];  // node index, or first triangle block where num_blocks > 0
    int32_t num_blocks[WIDTH];
};

struct alignas(16) TriangleBlock {  // vertex and two edges of LANES triangles; unused lanes have face -1
    float v0[3][LANES], e1[3][LANES], e2[3][LANES];
    int32_t face[LANES];
};

struct Hit {
    float t, u, v;  // distance, barycentric weights of the second and third corner
    int face;       // -1: nothing
};

struct Bvh {
    std::vector<Node> nodes;
    std::vector<TriangleBlock> blocks;
};

// ------------------------------------------------------------------------------------------------------ build
namespace build {

typedef float Float4 __attribute__((vector_size(16)));

HD Float4 min4(Float4 a, Float4 b) { return a < b ? a : b; }
HD Float4 max4(Float4 a, Float4 b) { return a > b ? a : b; }

struct Box {
    Float4 low = {FAR, FAR, FAR, 0}, high = {-FAR, -FAR, -FAR, 0};
    void grow(const Box& other) { low = min4(low, other.low), high = max4(high, other.high); }
    void grow(Float4 p) { low = min4(low, p), high = max4(high, p); }
    float half_area() const {
        Float4 d = high - low;
        return d[0] < 0 ? 0.f : d[0] * d[1] + d[1] * d[2] + d[2] * d[0];
    }
};

struct Primitive {
    Box box;
    int32_t face;
    Float4 centre2() const { return box.low + box.high; }  // twice the centre
};

struct Binary {  // a node of the intermediate binary tree; leaves have left < 0
    Box box;
    int left, right, first, count;
};

constexpr int NUM_BINS = 16;
constexpr int LEAF_SIZE = 2 * LANES;

inline float blocks_of(int count) { return (float)((count + LANES - 1) / LANES); }

struct Split {
    int axis = -1, bin = 0;
    float cost = FAR;
};

// The cheapest of NUM_BINS - 1 planes on the longest axis of the centres.
inline Split find_split(const Primitive* prims, int count, const Box& centres, int axis) {
    Box boxes[NUM_BINS];
    int counts[NUM_BINS] = {0};
    float low = centres.low[axis], scale = NUM_BINS * 0.9999f / (centres.high[axis] - low);
    for (int i = 0; i < count; i++) {
        int bin = (int)((prims[i].centre2()[axis] - low) * scale);
        boxes[bin].grow(prims[i].box);
        counts[bin]++;
    }
    float right_cost[NUM_BINS];
    Box box;
    int n = 0;
    for (int i = NUM_BINS - 1; i > 0; i--) {
        box.grow(boxes[i]);
        n += counts[i];
        right_cost[i] = box.half_area() * blocks_of(n);
    }
    Split best;
    box = Box();
    n = 0;
    for (int i = 0; i + 1 < NUM_BINS; i++) {
        box.grow(boxes[i]);
        n += counts[i];
        float cost = box.half_area() * blocks_of(n) + right_cost[i + 1];
        if (n > 0 && n < count && cost < best.cost) best = Split{axis, i, cost};
    }
    return best;
}

struct Builder {
    std::vector<Primitive> prims;
    std::vector<Binary> tree;
    Bvh* out;
    const float* vertices;
    const int32_t* faces;

    int binary(int first, int count, int depth) {
        Binary node;
        Box centres;
        Primitive* p = prims.data() + first;
        for (int i = 0; i < count; i++) node.box.grow(p[i].box), centres.grow(p[i].centre2());
        node.first = first, node.count = count, node.left = node.right = -1;
        int self = (int)tree.size();
        tree.push_back(node);
        if (count <= LANES) return self;
        Float4 extent = centres.high - centres.low;
        int axis = extent[0] > extent[1] ? (extent[0] > extent[2] ? 0 : 2) : (extent[1] > extent[2] ? 1 : 2);
        int middle = count / 2;
        Split split;
        if (extent[axis] > 1e-12f && depth < 64) split = find_split(p, count, centres, axis);
        // A leaf costs its blocks; a split costs one traversal step more.
        float area = node.box.half_area();
        if (count <= LEAF_SIZE && area * blocks_of(count) <= split.cost + area) return self;
        if (split.axis >= 0) {
            float low = centres.low[axis], scale = NUM_BINS * 0.9999f / extent[axis];
            auto goes_left = [&](const Primitive& q) {
                return (int)((q.centre2()[axis] - low) * scale) <= split.bin;
            };
            middle = (int)(std::partition(p, p + count, goes_left) - p);
        }
        int left = binary(first, middle, depth + 1), right = binary(first + middle, count - middle, depth + 1);
        tree[self].left = left, tree[self].right = right;
        return self;
    }

    int add_blocks(const Binary& leaf) {
        int first = (int)out->blocks.size();
        for (int start = 0; start < leaf.count; start += LANES) {
            TriangleBlock block;
            for (int lane = 0; lane < LANES; lane++) {
                bool used = start + lane < leaf.count;
                int face = prims[leaf.first + (used ? start + lane : start)].face;
                const int32_t* f = faces + 3 * face;
                for (int axis = 0; axis < 3; axis++) {
                    float a = vertices[3 * f[0] + axis];
                    block.v0[axis][lane] = a;
                    block.e1[axis][lane] = used ? vertices[3 * f[1] + axis] - a : 0.f;
                    block.e2[axis][lane] = used ? vertices[3 * f[2] + axis] - a : 0.f;
                }
                block.face[lane] = used ? face : -1;
            }
            out->blocks.push_back(block);
        }
        return first;
    }

    int collapse(int root) {
        int children[WIDTH], count = 1;
        children[0] = root;
        while (count < WIDTH) {
            int widest = -1;
            float area = -1;
            for (int k = 0; k < count; k++) {
                const Binary& b = tree[children[k]];
                if (b.left >= 0 && b.box.half_area() > area) area = b.box.half_area(), widest = k;
            }
            if (widest < 0) break;
            int opened = children[widest];
            children[widest] = tree[opened].left;
            children[count++] = tree[opened].right;
        }
        int self = (int)out->nodes.size();
        out->nodes.emplace_back();
        for (int k = 0; k < WIDTH; k++) {
            for (int axis = 0; axis < 3; axis++) {
                out->nodes[self].low[axis][k] = k < count ? tree[children[k]].box.low[axis] : FAR;
                out->nodes[self].high[axis][k] = k < count ? tree[children[k]].box.high[axis] : -FAR;
            }
            int child = 0, num_blocks = 0;
            if (k < count) {
                const Binary b = tree[children[k]];
                child = b.left < 0 ? add_blocks(b) : collapse(children[k]);
                num_blocks = b.left < 0 ? (b.count + LANES - 1) / LANES : -1;
            }
            out->nodes[self].child[k] = child;
            out->nodes[self].num_blocks[k] = num_blocks;
        }
        return self;
    }
};

}  // namespace build

// Builds the hierarchy. Faces with a corner that is not finite, or without area, are left out.
inline void build_bvh(Bvh& bvh, const float* vertices, const int32_t* faces, int num_faces) {
    build::Builder b;
    b.out = &bvh, b.vertices = vertices, b.faces = faces;
    b.prims.reserve(num_faces);
    for (int i = 0; i < num_faces; i++) {
        Vec3 p[3] = {load(vertices + 3 * faces[3 * i]), load(vertices + 3 * faces[3 * i + 1]),
                     load(vertices + 3 * faces[3 * i + 2])};
        Vec3 n = cross(p[1] - p[0], p[2] - p[0]);
        if (!(dot(n, n) > 0) || !is_finite(p[0]) || !is_finite(p[1]) || !is_finite(p[2])) continue;
        build::Primitive prim;
        for (Vec3 q : p) prim.box.grow(build::Float4{q.x, q.y, q.z, 0});
        prim.face = i;
        b.prims.push_back(prim);
    }
    bvh.nodes.clear(), bvh.blocks.clear();
    if (b.prims.empty()) return;
    b.tree.reserve(b.prims.size());
    bvh.nodes.reserve(b.prims.size() / 6 + 8);
    bvh.blocks.reserve(b.prims.size() / 2 + 8);
    b.binary(0, (int)b.prims.size(), 0);
    b.collapse(0);
}

// -------------------------------------------------------------------------------------------------- traversal
struct RayBoxes {           // what the box test needs of a ray
    Vec3 inverse, shifted;  // 1 / direction, -origin / direction
};

HD float safe_inverse(float x) { return 1.f / (fabsf(x) < 1e-12f ? (x < 0 ? -1e-12f : 1e-12f) : x); }

// Bit mask of the children whose box the ray meets before t_max; their entry distances go to `entry`.
HD int hit_boxes(const Node& node, const RayBoxes& ray, const int* near_is_high, float t_max, float* entry) {
#if defined(__AVX__) && !defined(__CUDACC__)
    __m256 near = _mm256_setzero_ps(), far = _mm256_set1_ps(t_max);
    const float* inverse = &ray.inverse.x;
    const float* shifted = &ray.shifted.x;
    for (int axis = 0; axis < 3; axis++) {
        __m256 scale = _mm256_set1_ps(inverse[axis]), shift = _mm256_set1_ps(shifted[axis]);
        __m256 a = _mm256_load_ps(near_is_high[axis] ? node.high[axis] : node.low[axis]);
        __m256 b = _mm256_load_ps(near_is_high[axis] ? node.low[axis] : node.high[axis]);
        near = _mm256_max_ps(near, _mm256_add_ps(_mm256_mul_ps(a, scale), shift));
        far = _mm256_min_ps(far, _mm256_add_ps(_mm256_mul_ps(b, scale), shift));
    }
    _mm256_store_ps(entry, near);
    // The factor covers the rounding of the two products (Ize 2013, "Robust BVH Ray Traversal").
    return _mm256_movemask_ps(_mm256_cmp_ps(near, _mm256_mul_ps(far, _mm256_set1_ps(1.0000005f)), _CMP_LE_OQ));
#else
    int mask = 0;
    const float* inverse = &ray.inverse.x;
    const float* shifted = &ray.shifted.x;
    for (int k = 0; k < WIDTH; k++) {
        float near = 0, far = t_max;
        for (int axis = 0; axis < 3; axis++) {
            near = max2(near, (near_is_high[axis] ? node.high : node.low)[axis][k] * inverse[axis] + shifted[axis]);
            far = min2(far, (near_is_high[axis] ? node.low : node.high)[axis][k] * inverse[axis] + shifted[axis]);
        }
        entry[k] = near;
        if (near <= far * 1.0000005f) mask |= 1 << k;
    }
    return mask;
#endif
}

// Moeller & Trumbore 1997 on all lanes; a mask of the lanes hit between 0 and t_max.
#ifdef __CUDACC__
typedef float Lanes;  // a device thread takes one triangle at a time
#else
typedef float Lanes __attribute__((vector_size(4 * LANES)));
#endif
constexpr int STEP = sizeof(Lanes) / sizeof(float);

HD int hit_block(const TriangleBlock& b, Vec3 o, Vec3 d, float t_max, float* t, float* u, float* v) {
    int mask = 0;
    for (int k = 0; k < LANES; k += STEP) {
        auto at = [k](const float* row) { return *(const Lanes*)(row + k); };
        Lanes e1x = at(b.e1[0]), e1y = at(b.e1[1]), e1z = at(b.e1[2]);
        Lanes e2x = at(b.e2[0]), e2y = at(b.e2[1]), e2z = at(b.e2[2]);
        Lanes px = d.y * e2z - d.z * e2y, py = d.z * e2x - d.x * e2z, pz = d.x * e2y - d.y * e2x;
        Lanes inverse = 1 / (e1x * px + e1y * py + e1z * pz);
        Lanes sx = o.x - at(b.v0[0]), sy = o.y - at(b.v0[1]), sz = o.z - at(b.v0[2]);
        Lanes uk = (sx * px + sy * py + sz * pz) * inverse;
        Lanes qx = sy * e1z - sz * e1y, qy = sz * e1x - sx * e1z, qz = sx * e1y - sy * e1x;
        Lanes vk = (d.x * qx + d.y * qy + d.z * qz) * inverse;
        Lanes tk = (e2x * qx + e2y * qy + e2z * qz) * inverse;
        *(Lanes*)(t + k) = tk, *(Lanes*)(u + k) = uk, *(Lanes*)(v + k) = vk;
        auto hit = (uk >= 0) & (vk >= 0) & (uk + vk <= 1) & (tk > 0) & (tk < t_max);  // false for NaN
#if defined(__SSE__) && !defined(__CUDACC__)
        static_assert(LANES == 4, "one SSE register");
        mask |= _mm_movemask_ps((__m128)hit) << k;
#elif defined(__CUDACC__)
        mask |= (int)hit << k;
#else
        for (int lane = 0; lane < STEP; lane++) mask |= (hit[lane] != 0) << (k + lane);
#endif
    }
    return mask;
}

// Walks the hierarchy. `visit(face, t, u, v)` is called for each triangle met before the current limit and returns
// the new limit: t to go on for nearer hits only, the old limit to ignore it, a negative number to stop.
template <class Visit>
HD void traverse(const Bvh& bvh, Vec3 o, Vec3 d, float t_max, Visit visit) {
    if (bvh.nodes.empty()) return;
    RayBoxes ray;
    ray.inverse = vec(safe_inverse(d.x), safe_inverse(d.y), safe_inverse(d.z));
    ray.shifted = -(o * ray.inverse);
    int near_is_high[3] = {ray.inverse.x < 0, ray.inverse.y < 0, ray.inverse.z < 0};
    struct Entry {
        int node;
        float t;
    } stack[WIDTH * 64];
    int size = 0;
    stack[size++] = {0, 0.f};
    while (size > 0) {
        Entry e = stack[--size];
        if (e.t > t_max) continue;
        const Node& node = bvh.nodes[e.node];
        alignas(32) float entry[WIDTH];
        int mask = hit_boxes(node, ray, near_is_high, t_max, entry), bottom = size;
        while (mask) {
            int k = __builtin_ctz(mask);
            mask &= mask - 1;
            if (node.num_blocks[k] < 0) {  // keep the new entries sorted, nearest on top
                int at = size++;
                for (; at > bottom && stack[at - 1].t < entry[k]; at--) stack[at] = stack[at - 1];
                stack[at] = {node.child[k], entry[k]};
                continue;
            }
            for (int j = node.child[k], end = j + node.num_blocks[k]; j < end; j++) {
                alignas(16) float t[LANES], u[LANES], v[LANES];
                int hits = hit_block(bvh.blocks[j], o, d, t_max, t, u, v);
                while (hits) {
                    int lane = __builtin_ctz(hits);
                    hits &= hits - 1;
                    if (t[lane] >= t_max) continue;
                    t_max = visit(bvh.blocks[j].face[lane], t[lane], u[lane], v[lane]);
                    if (t_max < 0) return;
                }
            }
        }
    }
}

HD Hit closest_hit(const Bvh& bvh, Vec3 o, Vec3 d, float t_max = FAR) {
    Hit hit = {t_max, 0, 0, -1};
    traverse(bvh, o, d, t_max, [&](int face, float t, float u, float v) {
        hit = Hit{t, u, v, face};
        return t;
    });
    return hit;
}

}  // namespace reflet
