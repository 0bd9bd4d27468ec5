using System.Collections.Concurrent;

namespace Autom8.Security.Accounts;

/// <summary>
/// Remembers epochs for one second, so that a request need not ask the database. A change made through this process is forgotten at once: what was read
/// before the change is not remembered after it.
/// </summary>
internal sealed class EpochMemory(TimeProvider time)
{
    // An entry is some 100 bytes. Only ids from tokens that verified are asked for, so that a stranger cannot fill it.
    private const int Capacity = 10_000;

    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, Remembered> epochs = [];
    private readonly Lock changing = new();
    private long changes;

    public bool TryGet(Guid id, out long? epoch)
    {
        var found = epochs.TryGetValue(id, out var remembered) && time.GetElapsedTime(remembered.ReadAt) < MaxAge;
        epoch = found ? remembered.Epoch : null;
        return found;
    }

    /// <summary>To be called before the database is read.</summary>
    public Reading Begin()
    {
        lock (changing)
        {
            return new Reading(changes, time.GetTimestamp());
        }
    }

    /// <summary>Remembers what was read, unless something has changed since the reading began.</summary>
    public void Remember(Guid id, long? epoch, Reading reading)
    {
        lock (changing)
        {
            if (changes == reading.Changes)
            {
                if (epochs.Count >= Capacity)
                {
                    epochs.Clear();
                }

                epochs[id] = new Remembered(epoch, reading.At);
            }
        }
    }

    /// <summary>To be called after an account has changed, or may have.</summary>
    public void Forget(Guid id)
    {
        lock (changing)
        {
            changes++;
            epochs.TryRemove(id, out _);
        }
    }

    public readonly record struct Reading(long Changes, long At);

    private readonly record struct Remembered(long? Epoch, long ReadAt);
}
