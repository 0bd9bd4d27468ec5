namespace Autom8.Caching.Loads;

/// <summary>What is going on under one key right now; exists only while something is. Guarded by the lock of its stripe.</summary>
internal sealed class KeyActivity<TKey>(TKey key, int hash)
    where TKey : notnull
{
    public TKey Key { get; } = key;

    public int Hash { get; } = hash;

    /// <summary>The next activity in the same bucket of the table.</summary>
    public KeyActivity<TKey>? Next { get; set; }

    /// <summary>Loads that newcomers may join, newest first.</summary>
    public Flight<TKey>? Flights { get; private set; }

    /// <summary>Sets and removals that have begun and not returned.</summary>
    public int Changes { get; set; }

    /// <summary>The last call about this key to the distributed tier: the next one waits for it, so that they take effect in the order of the decisions.</summary>
    public Task? LastCall { get; set; }

    public bool IsIdle => Flights is null && Changes == 0 && LastCall is null;

    public void Add(Flight<TKey> flight)
    {
        flight.Activity = this;
        flight.Next = Flights;
        Flights = flight;
    }

    /// <summary>Fences and detaches every load.</summary>
    public void FenceAll() => FenceFrom(Flights, all: true);

    /// <summary>Fences and detaches the loads that began before <paramref name="flight"/>, which is about to store.</summary>
    public void FenceOlderThan(Flight<TKey> flight)
    {
        if (!flight.Detached)
        {
            FenceFrom(flight.Next, all: false);
            flight.Next = null;
        }
    }

    public void Detach(Flight<TKey> flight)
    {
        if (flight.Detached)
        {
            return;
        }

        flight.Detached = true;
        if (Flights == flight)
        {
            Flights = flight.Next;
        }
        else
        {
            for (var other = Flights; other is not null; other = other.Next)
            {
                if (other.Next == flight)
                {
                    other.Next = flight.Next;
                    break;
                }
            }
        }

        flight.Next = null;
    }

    private void FenceFrom(Flight<TKey>? first, bool all)
    {
        for (var flight = first; flight is not null; )
        {
            var next = flight.Next;
            flight.Fenced = true;
            flight.Detached = true;
            flight.Next = null;
            flight = next;
        }

        if (all)
        {
            Flights = null;
        }
    }
}
