namespace Autom8.Security.Accounts;

/// <summary>Where the epochs of accounts are kept.</summary>
internal interface IEpochSource
{
    /// <summary>The epoch of an active account, or null.</summary>
    ValueTask<long?> EpochAsync(Guid id, CancellationToken ct);

    /// <summary>A number that has risen, and is never seen lower, once any account has another epoch or state than before.</summary>
    ValueTask<long> ChangesAsync(CancellationToken ct);
}
