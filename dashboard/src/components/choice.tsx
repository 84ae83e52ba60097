interface Properties<Word extends string> {
  label: string;
  words: readonly Word[];
  chosen: Word;
  name: (word: Word) => string;
  onChoose: (word: Word) => void;
}

/** A row of buttons of which one is pressed. */
export function Choice<Word extends string>({ label, words, chosen, name, onChoose }: Properties<Word>) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {words.map((word) => (
        <button key={word} type="button" aria-pressed={word === chosen} onClick={() => onChoose(word)}>
          {name(word)}
        </button>
      ))}
    </div>
  );
}
