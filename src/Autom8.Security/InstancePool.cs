namespace Autom8.Security;

/// <summary>
/// Instances of the base library's algorithms, which are dear to set up and promise nothing to several threads: each is one thread's from <see cref="Rent"/> to
/// <see cref="Return"/>. Lends without a lock and without allocating. What is not given back, because an operation threw, is left to the garbage collector.
/// </summary>
internal sealed class InstancePool<T>(Func<T> create)
    where T : class, IDisposable
{
    // Twice as many as can run at once: a thread may be moved to another processor while it holds one.
    private readonly T?[] _slots = new T?[Environment.ProcessorCount * 2];

    public T Rent()
    {
        var start = Environment.CurrentManagedThreadId;
        for (var i = 0; i < _slots.Length; i++)
        {
            ref var slot = ref _slots[(uint)(start + i) % (uint)_slots.Length];
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } instance)
            {
                return instance;
            }
        }

        return create();
    }

    public void Return(T instance)
    {
        var start = Environment.CurrentManagedThreadId;
        for (var i = 0; i < _slots.Length; i++)
        {
            ref var slot = ref _slots[(uint)(start + i) % (uint)_slots.Length];
            if (slot is null && Interlocked.CompareExchange(ref slot, instance, null) is null)
            {
                return;
            }
        }

        instance.Dispose();
    }
}
