namespace Autom8.Caching.Distributed;

/// <summary>
/// A second tier that several nodes share and that knows more than bytes: it grants leases, so that a load overtaken by a removal can never be stored; it fences keys that are being changed;
/// and it carries messages between the nodes. <c>Autom8.Redis</c> is one, <c>InMemorySharedCache</c> is one for tests.
/// Over a bare <see cref="Microsoft.Extensions.Caching.Distributed.IDistributedCache"/> none of this exists, and the cache promises nothing across nodes.
/// </summary>
/// <remarks>
/// <para><b>Order.</b> Each operation on one name is atomic, and those of one node take effect in the order of the calls. A message is delivered to a subscriber after the operation that carries it has taken effect.
/// No clock takes part, except that a lifetime ends what it was given to.</para>
/// <para><b>Faults.</b> A failed operation throws; whether it has taken effect is then not known. The cache sets deadlines and stops asking; an implementation need not.</para>
/// <para><b>Names</b> are opaque text, chosen by the cache: at most 4 KiB of UTF-8, distinct for distinct things. Payloads and messages are opaque bytes and must not be kept after the call has completed.</para>
/// <para>Called from many threads at once.</para>
/// </remarks>
public interface ISharedCache
{
    /// <summary>Reads a value.</summary>
    /// <returns>The bytes, or null when there is no value under the name.</returns>
    ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken);

    /// <summary>Reads many values in as few round trips as there are parts of the tier.</summary>
    /// <returns>In the order of <paramref name="names"/>: the bytes, or null when there is no value under the name.</returns>
    ValueTask<ReadOnlyMemory<byte>?[]> GetManyAsync(IReadOnlyList<string> names, CancellationToken cancellationToken);

    /// <summary>
    /// Asks for the right to fill a name. A lease that is not used ends after <paramref name="lifetime"/>; every removal, set, and a later lease that takes over, ends it at once.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="token">Stands for this load: random, not 0.</param>
    /// <param name="lifetime">How long a load may take.</param>
    /// <param name="mode">What it is granted over.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    ValueTask<SharedLease> LeaseAsync(
        string name,
        ulong token,
        TimeSpan lifetime,
        SharedLeaseMode mode,
        CancellationToken cancellationToken
    );

    /// <summary>Stores what a load brought, if its lease is still in force and the name is not fenced, and ends the lease.</summary>
    /// <param name="name">The name.</param>
    /// <param name="token">The lease's token.</param>
    /// <param name="payload">The value.</param>
    /// <param name="lifetime">How long it stays; null for as long as the tier likes.</param>
    /// <returns>Whether it was stored.</returns>
    ValueTask<bool> FillAsync(string name, ulong token, ReadOnlyMemory<byte> payload, TimeSpan? lifetime);

    /// <summary>Gives a lease back without a value, so that others need not wait for its end. Nothing happens when it is no longer in force.</summary>
    ValueTask ReleaseAsync(string name, ulong token);

    /// <summary>Stores a value over whatever is there, ends any lease, and publishes the message. A fenced name loses its value instead.</summary>
    /// <returns>Whether it was stored: false when the name is fenced.</returns>
    ValueTask<bool> SetAsync(string name, ReadOnlyMemory<byte> payload, TimeSpan? lifetime, ReadOnlyMemory<byte> message);

    /// <summary>Stores a value if there is none.</summary>
    /// <returns>The value now in force: the one that was there, or <paramref name="payload"/>.</returns>
    ValueTask<ReadOnlyMemory<byte>> GetOrAddAsync(string name, ReadOnlyMemory<byte> payload, TimeSpan? lifetime);

    /// <summary>Removes a value, ends any lease, and publishes the message; raises or lifts a fence where one is given.</summary>
    /// <param name="name">The name.</param>
    /// <param name="message">Published in the same step.</param>
    /// <param name="fence">What becomes of fences.</param>
    ValueTask RemoveAsync(string name, ReadOnlyMemory<byte> message, SharedFence fence = default);

    /// <summary>
    /// Says that this node is there, and asks whether the tier still is what it was. When it is not (restarted, failed over, emptied: it may hold what was removed),
    /// <paramref name="fresh"/> becomes the value under <paramref name="name"/>, once for all nodes that notice.
    /// </summary>
    /// <param name="name">The name of the tier's epoch.</param>
    /// <param name="fresh">The value of a new epoch.</param>
    /// <param name="message">Published, and delivered to this node too, when the rest is done.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The value under <paramref name="name"/> now.</returns>
    ValueTask<ReadOnlyMemory<byte>> BeatAsync(
        string name,
        ReadOnlyMemory<byte> fresh,
        ReadOnlyMemory<byte> message,
        CancellationToken cancellationToken
    );

    /// <summary>Listens to the messages of all nodes, this one's own included. It keeps trying until disposed; at most one subscription at a time.</summary>
    /// <param name="subscriber">Called from any thread, one call at a time.</param>
    IDisposable Subscribe(ISharedCacheSubscriber subscriber);
}

/// <summary>Hears what the other nodes did.</summary>
public interface ISharedCacheSubscriber
{
    /// <summary>A message has come.</summary>
    void OnMessage(ReadOnlyMemory<byte> message);

    /// <summary>The connection was lost, or has come (again): messages may have been missed, and the tier may not be what it was.</summary>
    void OnInterrupted();
}

/// <summary>What a lease is granted over.</summary>
[Flags]
public enum SharedLeaseMode
{
    /// <summary>Over nothing: a value or another lease stands in the way.</summary>
    Miss = 0,

    /// <summary>Over another lease, which ends: its owner can no longer fill.</summary>
    TakeOver = 1,

    /// <summary>Over a value, which is to be replaced by a newer one and stays until then.</summary>
    Refresh = 2,
}

/// <summary>How a request for a lease was answered.</summary>
public enum SharedLeaseStatus
{
    /// <summary>The load may be stored.</summary>
    Granted,

    /// <summary>Another load runs.</summary>
    Busy,

    /// <summary>The name is being changed: nothing that is loaded now may be stored anywhere.</summary>
    Fenced,

    /// <summary>There is a value after all.</summary>
    Filled,
}

/// <summary>The answer to a request for a lease.</summary>
/// <param name="Status">How it was answered.</param>
/// <param name="Payload">The value, where there is one.</param>
/// <param name="Position">The position in the source's log that a load must have seen at least (see <c>CacheChange</c>); 0 when none is known.</param>
public readonly record struct SharedLease(SharedLeaseStatus Status, ReadOnlyMemory<byte> Payload = default, ulong Position = 0);

/// <summary>What a removal does to the fences of its name. A name is fenced while anybody's fence stands.</summary>
/// <param name="Owner">Whose fence; 0 for none.</param>
/// <param name="Lifetime">How long a fence that is raised stands unless it is lifted; zero lifts the owner's.</param>
/// <param name="Position">Given when a fence is lifted: leases of the name report it for <see cref="PositionLifetime"/> after.</param>
public readonly record struct SharedFence(ulong Owner, TimeSpan Lifetime = default, ulong Position = 0)
{
    /// <summary>How long a position is remembered: longer than any standby that is still used may lag.</summary>
    public static readonly TimeSpan PositionLifetime = TimeSpan.FromMinutes(5);
}
