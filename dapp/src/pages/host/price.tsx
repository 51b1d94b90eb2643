/** What a room costs, before anything is signed. */
import type { JSX } from "preact";
import { type Offer, paymentOf } from "../../contract/offer";
import { useText } from "../../i18n";
import { duration, etherAmount, useLanguage } from "../../i18n/format";

export function Price({ offer, known }: { offer: Offer | null; known: boolean }): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  if (offer === null) {
    return (
      <p class="price dim" aria-busy={known}>
        {known ? t.common.loading : t.create.priceLater}
      </p>
    );
  }
  const { deposit, fee, maxRoomSeconds } = offer.terms;
  const { fromWallet, fromBalance } = paymentOf(offer);
  return (
    <dl class="price">
      <div>
        <dt>{t.create.deposit}</dt>
        <dd>{t.create.eth(etherAmount(deposit, lang))}</dd>
        <dd class="why">{t.create.depositMore}</dd>
      </div>
      <div>
        <dt>{t.create.fee}</dt>
        <dd>{t.create.eth(etherAmount(fee, lang))}</dd>
        <dd class="why">{t.create.feeMore}</dd>
      </div>
      <div>
        <dt>{t.create.lasts}</dt>
        <dd>{duration(maxRoomSeconds, lang)}</dd>
        <dd class="why">{t.create.lastsMore}</dd>
      </div>
      {fromBalance > 0n && (
        <div class="pays">
          <dt>{t.create.paid}</dt>
          <dd>{t.create.pays(etherAmount(fromWallet, lang), etherAmount(fromBalance, lang))}</dd>
        </div>
      )}
    </dl>
  );
}
