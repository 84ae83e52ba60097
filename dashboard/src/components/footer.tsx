import { addressFromView, view } from "../view";

/** The same answers elsewhere. */
export function Footer() {
  return (
    <footer class="foot">
      <a href={addressFromView(view.value)}>Link to this view</a>
      <a href="/api/v1/openapi.json">HTTP API</a>
    </footer>
  );
}
