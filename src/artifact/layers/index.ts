/**
 * artifact/layers: an OCI image from files that are already built, without a daemon.
 * Two layers: runtime dependencies, then the app, so that a change of the app leaves the large one
 * as it is. Layers are tar, not compressed: what a deflate gives depends on the zlib in the Node at
 * hand (version, even CPU), so only plain tar has the same digest everywhere and for ever. Its
 * price is disk, some three times as much; a push to a registry may compress on its way.
 * Read first: layers-builder.ts, then tree.ts (which files) and tarball.ts (which bytes).
 */
export { createLayersBuilder } from './layers-builder.ts'
