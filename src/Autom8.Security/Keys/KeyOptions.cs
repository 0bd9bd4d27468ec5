namespace Autom8.Security.Keys;

/// <summary>Rotation of keys, section <c>Autom8:Security:Keys</c>.</summary>
public sealed class KeyOptions
{
    private static readonly TimeSpan SharedPublishDelay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a key of any purpose is active before a new one is made: an hour to ten years. Null, the default, for as long as nobody asks: every rotation makes earlier copies of the
    /// keyring too old for the database, so turn it on once the keyring's backup or escrow is part of your routine.
    /// </summary>
    public TimeSpan? RotateEvery { get; set; }

    /// <summary>The same for single purposes, over <see cref="RotateEvery"/>, such as <c>Autom8:Security:Keys:Rotation:TokenSigning</c> = <c>30.00:00:00</c>.</summary>
    public IDictionary<KeyPurpose, TimeSpan> Rotation { get; } = new Dictionary<KeyPurpose, TimeSpan>();

    /// <summary>
    /// How long a new key is known to all before it is used: twice <see cref="PollInterval"/> to 30 days. Default one minute on PostgreSQL; on SQLite, where one process knows it at
    /// once, none.
    /// </summary>
    public TimeSpan? PublishDelay { get; set; }

    /// <summary>How often a node looks for changes of the keyring, and whether a rotation is due: 0.1 seconds to a minute. Default one second.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How much later than the publish delay a node without a refresh stops to make things: two polls, since the next refresh begins within one and may take another, and ten seconds in which a process that
    /// was paused or a database that failed over comes back.
    /// </summary>
    private TimeSpan MarginOf(IKeyringStore store) => store.IsShared ? (2 * PollInterval) + Pause : TimeSpan.Zero;

    /// <summary>How old a node's last refresh may be while it still makes things.</summary>
    internal TimeSpan StaleAfterOf(IKeyringStore store) =>
        store.IsShared ? PublishDelayOf(store) + MarginOf(store) : Timeout.InfiniteTimeSpan;

    /// <summary>
    /// How long after a key was superseded no node makes anything with it: one that heard of nothing since stopped at <see cref="StaleAfterOf"/>. The margin once more is for what it made last and was still
    /// on its way into a row, and for clocks that differ.
    /// </summary>
    internal TimeSpan DisusedAfterOf(IKeyringStore store) => PublishDelayOf(store) + (2 * MarginOf(store));

    /// <summary>When the next refresh is due, for those who wait for one.</summary>
    internal TimeSpan RetryAfter => PollInterval > Second ? PollInterval : Second;

    internal TimeSpan PublishDelayOf(IKeyringStore store) => PublishDelay ?? (store.IsShared ? SharedPublishDelay : TimeSpan.Zero);

    internal TimeSpan? RotateEveryOf(KeyPurpose purpose) => Rotation.TryGetValue(purpose, out var every) ? every : RotateEvery;

    internal IEnumerable<string> Problems()
    {
        const string section = "Autom8:Security:Keys";
        if (PollInterval < TimeSpan.FromSeconds(0.1) || PollInterval > TimeSpan.FromMinutes(1))
        {
            yield return $"{section}:PollInterval is {PollInterval:c}; it must be 00:00:00.1 to 00:01:00, such as 00:00:01.";
        }

        // The default is a minute.
        var poll = PollInterval * 2;
        if (PublishDelay is { } delay ? delay < poll || delay > TimeSpan.FromDays(30) : poll > SharedPublishDelay)
        {
            yield return $"{section}:PublishDelay is {PublishDelay ?? SharedPublishDelay:c}; it must be twice PollInterval ({poll:c}) to 30 days, such as 00:01:00.";
        }

        foreach (var (name, every) in Rotation.Select(r => ($"Rotation:{r.Key}", (TimeSpan?)r.Value)).Prepend(("RotateEvery", RotateEvery)))
        {
            if (every < TimeSpan.FromHours(1) || every > TimeSpan.FromDays(3653))
            {
                yield return $"{section}:{name} is {every:c}; it must be one hour to ten years, such as 30.00:00:00, or left out.";
            }
        }
    }
}
