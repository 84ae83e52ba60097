import { orderAfter, sortingFrom } from "../sorting";
import { show, view } from "../view";

interface Properties {
  name: string;
  column: string;
  /** What the table is sorted by when the reader chose nothing. */
  own: string;
  isNumber?: boolean;
  isWide?: boolean;
}

/** A heading that sorts its table when pressed. */
export function SortHeading({ name, column, own, isNumber = true, isWide = false }: Properties) {
  const sorting = sortingFrom(view.value.order, own);
  const isSorted = sorting.column === column;
  const direction = sorting.isRising ? "ascending" : "descending";
  return (
    <th
      scope="col"
      class={`${isNumber ? "number" : ""} ${isWide ? "wide" : ""}`}
      aria-sort={isSorted ? direction : "none"}
    >
      <button type="button" class="sort" onClick={() => show({ order: orderAfter(sorting, column) })}>
        {name}
        <span class="sort-mark" aria-hidden="true">
          {isSorted ? (sorting.isRising ? "↑" : "↓") : ""}
        </span>
      </button>
    </th>
  );
}
