/** Style sheets are imported where their elements are made; Vite puts them into the same chunk. */
declare module "*.css";
