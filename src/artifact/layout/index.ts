/**
 * artifact/layout: artifacts in a folder, as an OCI image layout, with `unpacked/` beside its blobs.
 * Format: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 * Read first: layout-store.ts, then blobs.ts (how a blob gets there whole), image-index.ts (tags),
 * unpack.ts (what is refused).
 */
export { type LayoutStore, openLayoutStore } from './layout-store.ts'
