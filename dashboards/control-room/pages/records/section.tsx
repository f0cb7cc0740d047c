import { type ReactNode, useId } from 'react';

/** A card with a title; two of them stand side by side where there is room. */
export function Section({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className="card record-section" aria-labelledby={id}>
      <h2 id={id} className="section-title">
        {title}
      </h2>
      {hint !== undefined && <p className="quiet">{hint}</p>}
      {children}
    </section>
  );
}
