using Autom8.Caching.Distributed;
using Autom8.Caching.Loads;
using Autom8.Caching.Local;
using Autom8.Caching.Serialization;

namespace Autom8.Caching.Engine;

/// <content>
/// Many keys in the distributed tier where nothing is loaded: one read, and no flight for each key. What a flight's fence does, the generation of the key's stripe does here:
/// a value read before it has moved on is handed out, since the question is older than the decision, and not stored.
/// </content>
internal sealed partial class CacheEngine<TKey>
{
    private readonly record struct Question(TKey Key, KeyPlace<TKey> Place, long Generation);

    private async Task FindAsync<T>(List<TKey> keys, Dictionary<TKey, T> found, EntryTerms terms, Func<TKey, EntryTerms>? termsOf)
    {
        var type = _parts.Types.Get<T>();
        var startedAt = _clock.Now;
        var values = default((DistributedStatus Status, ReadOnlyMemory<byte> Payload)[]);
        List<Question> questions = new(keys.Count);
        if (await IsBelievedAsync().ConfigureAwait(false))
        {
            var interruptions = _coherence?.Interruptions;
            List<string> names = new(keys.Count);
            foreach (var key in keys)
            {
                var place = _flights.For(key);
                var generation = place.Generation;
                if (!place.IsBeingChanged() && !_debts.Contains(key) && Name(key) is { } name)
                {
                    questions.Add(new(key, place, generation));
                    names.Add(name);
                }
            }

            if (names.Count > 0)
            {
                values = await _tier!.GetManyAsync(names, type.Schema).ConfigureAwait(false);
            }

            if (interruptions != _coherence?.Interruptions)
            {
                values = null;
            }
        }

        var moment = Now(startedAt);
        for (var index = 0; index < values?.Length; index++)
        {
            var (status, bytes) = values[index];
            var question = questions[index];
            var own = termsOf is null ? terms : termsOf(question.Key);
            if (
                status == DistributedStatus.Done
                && await OpenAsync(question.Key, _ownTags, moment, type, own, bytes).ConfigureAwait(false) is { Entry: { } entry } opened
                && TryKeep(question, entry, own, opened.Left)
            )
            {
                _meter.DistributedHit();
                Add(found, question.Key, opened.Value);
            }
            else
            {
                _meter.Missed();
            }
        }

        for (var index = values?.Length ?? 0; index < keys.Count; index++)
        {
            _meter.Missed();
        }
    }

    /// <summary>Stores what was found, unless something newer was decided about the key.</summary>
    /// <returns>Whether it may be handed out: not when one of its tags was removed meanwhile.</returns>
    private bool TryKeep<T>(Question question, CacheEntry<T> entry, EntryTerms terms, TimeSpan left)
    {
        if (!terms.StoresLocally)
        {
            return _tags.IsCurrent(entry.Traits.Tags, entry.Epoch);
        }

        lock (question.Place.Lock)
        {
            if (!_tags.IsCurrent(entry.Traits.Tags, entry.Epoch))
            {
                return false;
            }

            // A load that runs brings something that is at least as new.
            if (question.Place.Generation == question.Generation && question.Place.Find() is null && !_parts.IsDisposed)
            {
                Keep(question.Key, entry, terms.AtMost(left));
            }

            return true;
        }
    }
}
