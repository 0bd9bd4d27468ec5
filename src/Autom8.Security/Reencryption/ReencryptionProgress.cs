namespace Autom8.Security.Reencryption;

/// <summary>How far a re-encryption has come.</summary>
/// <param name="Name">Which one.</param>
/// <param name="Target">What rows are being brought to.</param>
/// <param name="Position">The last row that was looked at, or null.</param>
/// <param name="Passes">How many passes over the whole table are done for this target.</param>
/// <param name="Changed">How many rows were replaced for this target.</param>
/// <param name="Failed">How many rows could not be read in the pass that runs or ran last.</param>
/// <param name="StartedAt">When the pass began (UTC).</param>
/// <param name="CompletedAt">When the pass ended (UTC); null while it runs.</param>
public sealed record ReencryptionProgress(
    string Name,
    string Target,
    Guid? Position,
    int Passes,
    long Changed,
    long Failed,
    DateTimeOffset StartedAt,
    DateTimeOffset? CompletedAt
)
{
    internal static ReencryptionProgress Begin(string name, string target, DateTimeOffset now) =>
        new(name, target, null, 0, 0, 0, now, null);

    /// <summary>Whether a pass has to run now, or go on.</summary>
    /// <param name="now">The time.</param>
    /// <param name="settling">How long other nodes may have gone on with what was active before: rows they wrote behind the first pass are found by a second.</param>
    internal bool IsDue(DateTimeOffset now, TimeSpan settling) =>
        CompletedAt is not { } completed || (Passes < 2 && now >= completed + settling);

    internal ReencryptionProgress After(ReencryptionBatch batch, DateTimeOffset now) =>
        this with
        {
            Position = batch.Last,
            Changed = Changed + batch.Changed,
            Failed = Failed + batch.Failed,
            Passes = batch.Last is null ? Passes + 1 : Passes,
            CompletedAt = batch.Last is null ? now : null,
        };

    internal ReencryptionProgress NextPass(DateTimeOffset now) =>
        this with
        {
            Position = null,
            Failed = 0,
            StartedAt = now,
            CompletedAt = null,
        };
}
