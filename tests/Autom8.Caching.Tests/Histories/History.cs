using Autom8.Caching.Loads;
using Autom8.Caching.Testing;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Caching.Tests.Histories;

/// <summary>
/// One random history against the contract. The source counts up with every change, so a value says how old it is: a read must not return less than what the changes that bind it had made of it.
/// <list type="bullet">
/// <item>On the node of a change: from the moment its call has returned.</item>
/// <item>On every other node: <c>MaxStaleness</c> after that, as long as the call said <see cref="InvalidationStatus.Done"/> and no link has been disturbed meanwhile; and after everything has healed, for pending ones too.</item>
/// <item>After a commit inside a change, whatever becomes of the node that made it.</item>
/// </list>
/// Everything runs on the thread of the script: loads answer, operations and messages travel, timers fire and background work is done when a step says so, in any order. While time passes, what can travel does.
/// </summary>
internal sealed class History
{
    /// <summary>Instead of a number of nodes: one node over a distributed cache of mere bytes.</summary>
    public const int OneOverBytes = -1;

    public const int Keys = 3;
    private const int MaxStaleness = 2000;
    private const int Step = 250;
    private static readonly HybridCacheEntryFlags[] Flags =
    [
        HybridCacheEntryFlags.None,
        HybridCacheEntryFlags.DisableLocalCacheRead,
        HybridCacheEntryFlags.DisableLocalCache,
        HybridCacheEntryFlags.DisableDistributedCacheRead,
    ];

    private readonly InMemorySharedCache? _server;
    private readonly BareTier? _bare;
    private readonly FakeTimeProvider _serverTime = new();
    private readonly HistoryNode[] _nodes;
    private readonly CachingOptions _options;
    private readonly int[] _source = new int[Keys];
    private readonly List<Change> _changes = [];
    private readonly List<Read> _reads = [];
    private readonly List<(TaskCompletionSource<bool> Answer, long Began)> _loads = [];
    private readonly List<OpenChange> _open = [];
    private long _now;
    private long _disturbedAt = -1;
    private bool _fenceMayStand;
    private long _trace = 17;

    public History(int nodes, int variant)
    {
        _server = nodes <= 0 ? null : new InMemorySharedCache(_serverTime);
        _bare = nodes == OneOverBytes ? new BareTier() : null;
        _options = new CachingOptions
        {
            Capacity = 8,
            Jitter = 0,
            Expiration = TimeSpan.FromSeconds(20),
            Eviction = variant % 5 == 4 ? EvictionPolicy.Lfu : EvictionPolicy.Lru,
        };
        _options.Distributed.FenceLifetime = TimeSpan.FromSeconds(30);
        switch (variant % 4)
        {
            case 1:
                _options.StaleIfError = TimeSpan.FromSeconds(20);
                _options.Expiration = TimeSpan.FromSeconds(2);
                _options.SoftLoadTimeout = TimeSpan.FromSeconds(1);
                break;
            case 2:
                _options.StaleWhileRevalidate = TimeSpan.FromSeconds(20);
                _options.Expiration = TimeSpan.FromSeconds(2);
                break;
            case 3:
                _options.RefreshAhead = 0.3;
                _options.SlidingExpiration = variant % 8 == 3 ? TimeSpan.FromSeconds(5) : null;
                break;
        }

        _nodes = [.. Enumerable.Range(0, Math.Max(1, nodes)).Select(Start)];
        FlushAll();
    }

    public enum Action
    {
        Read,
        ReadSlowly,
        ReadWithFlags,
        Look,
        LookForMany,
        AnswerOne,
        FailOne,
        CancelOne,
        Change,
        Remove,
        Set,
        SetPastTier,
        RemoveByTag,
        RemoveAll,
        BeginChange,
        Commit,
        EndChange,
        Evict,
        LetTimePass,
        LetMuchTimePass,
        Pause,
        DeliverOperation,
        DeliverMessage,
        Work,
        Flush,
        Cut,
        Heal,
        CutMessages,
        HealMessages,
        DropMessages,
        Freeze,
        Thaw,
        FailOperations,
        Restart,
        FailOver,
        FlushTier,
        Crash,
    }

    /// <summary>How often each comes: reads, changes and travel mostly, disasters now and then.</summary>
    private static readonly Action[] Weighted =
    [
        .. Repeat(Action.Read, 8),
        .. Repeat(Action.ReadSlowly, 6),
        .. Repeat(Action.ReadWithFlags, 2),
        .. Repeat(Action.Look, 2),
        .. Repeat(Action.LookForMany, 2),
        .. Repeat(Action.AnswerOne, 6),
        .. Repeat(Action.FailOne, 2),
        Action.CancelOne,
        .. Repeat(Action.Change, 2),
        .. Repeat(Action.Remove, 5),
        .. Repeat(Action.Set, 4),
        Action.SetPastTier,
        .. Repeat(Action.RemoveByTag, 3),
        Action.RemoveAll,
        .. Repeat(Action.BeginChange, 2),
        .. Repeat(Action.Commit, 2),
        .. Repeat(Action.EndChange, 2),
        Action.Evict,
        .. Repeat(Action.LetTimePass, 4),
        .. Repeat(Action.LetMuchTimePass, 3),
        Action.Pause,
        .. Repeat(Action.DeliverOperation, 16),
        .. Repeat(Action.DeliverMessage, 8),
        .. Repeat(Action.Work, 4),
        .. Repeat(Action.Flush, 2),
        Action.Cut,
        .. Repeat(Action.Heal, 2),
        Action.CutMessages,
        .. Repeat(Action.HealMessages, 2),
        Action.DropMessages,
        Action.Freeze,
        .. Repeat(Action.Thaw, 2),
        Action.FailOperations,
        Action.Restart,
        Action.FailOver,
        Action.FlushTier,
        Action.Crash,
    ];

    /// <summary>
    /// Histories in which everything happens are alike: what takes five steps of three kinds in a row hardly ever comes. So in every second one some actions never come and others more often.
    /// </summary>
    private static readonly Action[][] Swarm = [.. Enumerable.Range(0, 512).Select(Mixture)];

    private static Action[] Mixture(int seed)
    {
        if (seed % 2 == 0)
        {
            return Weighted;
        }

        var random = new Random(seed);
        var factors = Enum.GetValues<Action>()
            .ToDictionary(
                action => action,
                _ =>
                    random.Next(8) switch
                    {
                        < 3 => 0,
                        < 5 => 1,
                        < 7 => 2,
                        _ => 5,
                    }
            );
        return
        [
            .. Weighted.SelectMany(action => Repeat(action, factors[action])),
            .. Repeat(Action.Read, 4),
            .. Repeat(Action.ReadSlowly, 3),
            .. Repeat(Action.AnswerOne, 3),
            .. Repeat(Action.DeliverOperation, 4),
            Action.Remove,
            Action.Flush,
            Action.LetMuchTimePass,
        ];
    }

    /// <summary>Lives through a script: its first number says what is switched on and how often each action comes, each other is one step, its action, its node and what it picks.</summary>
    /// <exception cref="HistoryException">The contract was broken; the message tells the history.</exception>
    /// <returns>A trace: what every read returned, and when, in one number. The same script has the same.</returns>
    public static long Run(int nodes, int[] script)
    {
        var steps = new List<(Action Action, int Pick)>();
        var kind = script.Length == 0 ? 0 : script[0];
        var weighted = Swarm[kind / 40 % Swarm.Length];
        var history = new History(nodes, kind);
        try
        {
            foreach (var code in script.AsSpan(Math.Min(1, script.Length)))
            {
                var step = (Action: weighted[code % weighted.Length], Pick: code / weighted.Length);
                steps.Add(step);
                history.Take(step.Action, step.Pick);
                history.Observe();
            }

            history.End();
            return history._trace;
        }
        catch (Exception broken)
        {
            throw new HistoryException(
                $"{broken.Message} after:\n{string.Join('\n', steps.Select(step => $"{step.Action} {step.Pick}"))}",
                broken
            );
        }
    }

    private void Take(Action action, int pick)
    {
        var node = _nodes[pick % _nodes.Length];
        var choice = pick / _nodes.Length;
        var key = choice % 4 % Keys; // the first twice as often
        switch (action)
        {
            case Action.Read:
                Begin(node, key, slowly: false);
                break;
            case Action.ReadSlowly:
                Begin(node, key, slowly: true);
                break;
            case Action.ReadWithFlags:
                Begin(node, key, slowly: choice % 2 == 0, Flags[choice % Flags.Length]);
                break;
            case Action.Look:
                Look(node, key);
                break;
            case Action.LookForMany:
                LookForMany(node);
                break;
            case Action.AnswerOne when _loads.Count > 0:
                Pop(pick).TrySetResult(true);
                break;
            case Action.FailOne when _loads.Count > 0:
                Read[] waiting = [.. _reads.Where(read => !read.Value.IsCompleted)];
                Pop(pick).TrySetResult(false);
                CheckNotRevived(waiting);
                break;
            case Action.CancelOne when _reads.Count > 0:
                _reads[pick % _reads.Count].Impatience.Cancel();
                break;
            case Action.Change:
                _source[key]++;
                break;
            case Action.Remove:
                Changing(node, [key], () => node.Cache.InvalidateAsync(Name(key)));
                break;
            case Action.Set:
                Setting(node, key, HybridCacheEntryFlags.None);
                break;
            case Action.SetPastTier:
                Setting(
                    node,
                    key,
                    choice % 8 < 4 ? HybridCacheEntryFlags.DisableDistributedCacheWrite : HybridCacheEntryFlags.DisableLocalCacheWrite
                );
                break;
            case Action.RemoveByTag:
                Changing(node, choice % 3 == 2 ? [0, 2] : [0, 1], () => node.Cache.InvalidateByTagAsync(choice % 3 == 2 ? "other" : "tag"));
                break;
            case Action.RemoveAll:
                Changing(node, [0, 1, 2], () => node.Cache.InvalidateByTagAsync("*"));
                break;
            case Action.BeginChange:
                _open.Add(new OpenChange(node, key, node.Cache.BeginChangeAsync([Name(key)]).AsTask()));
                break;
            case Action.Commit when _open.Find(change => change.Begun.IsCompletedSuccessfully && change.CommittedAt < 0) is { } change:
                change.Version = ++_source[change.Key];
                change.CommittedAt = _now;
                break;
            case Action.EndChange when _open.Find(change => change.Begun.IsCompletedSuccessfully) is { } change:
                EndChange(change);
                break;
            case Action.Evict:
                for (var filler = 0; filler < 20; filler++)
                {
                    var memory = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCache };
                    _ = node.Cache.GetOrCreateAsync($"filler {filler}", static _ => ValueTask.FromResult(0), memory).AsTask();
                }

                break;
            case Action.LetTimePass:
                Pass(choice % 600, null);
                break;
            case Action.LetMuchTimePass:
                Pass(choice % 4000, null);
                break;
            case Action.Pause:
                Pass(choice % 6000, node);
                break;
            case Action.Flush:
                node.Flush();
                break;
            case Action.Work:
                node.Work.RunOne(choice);
                break;
            case Action.Crash when node.Link is not null:
                Crash(node, pick % _nodes.Length);
                break;
            default:
                if (node.Link is not null)
                {
                    Disturb(action, node, node.Link, choice);
                }
                else if (_bare is not null)
                {
                    Disturb(action, _bare, choice);
                }

                break;
        }
    }

    private static void Disturb(Action action, BareTier tier, int choice)
    {
        switch (action)
        {
            case Action.DeliverOperation:
                tier.Deliver(choice % 4);
                break;
            case Action.Freeze:
                tier.IsFrozen = true;
                break;
            case Action.Thaw:
                tier.IsFrozen = false;
                break;
            case Action.FailOperations or Action.Cut:
                tier.Failing = 1 + (choice % 4);
                tier.FailsLate = choice % 8 >= 4;
                break;
            case Action.Heal:
                tier.Failing = 0;
                break;
            case Action.FlushTier:
                tier.Clear();
                break;
        }
    }

    private void Disturb(Action action, HistoryNode node, InMemorySharedCacheLink link, int choice)
    {
        switch (action)
        {
            case Action.DeliverOperation:
                link.DeliverOperation(choice % 4);
                return;
            case Action.DeliverMessage:
                link.DeliverMessage();
                return;
            case Action.Cut:
                link.Cut();
                break;
            case Action.Heal when link.IsCut:
                link.Heal();
                break;
            case Action.CutMessages:
                link.CutMessages(tell: choice % 2 == 0);
                node.MessagesCut = true;
                break;
            case Action.HealMessages when node.MessagesCut:
                link.HealMessages(tell: choice % 2 == 0);
                node.MessagesCut = false;
                break;
            case Action.DropMessages:
                link.DropNextMessages(Math.Min(1 + (choice % 3), link.PendingMessages));
                while (link.DeliverMessage()) { }
                link.DropNextMessages(0);
                break;
            case Action.Freeze:
                link.Freeze();
                break;
            case Action.Thaw when link.IsFrozen:
                link.Thaw();
                break;
            case Action.FailOperations:
                link.FailNext(SharedOperation.All, 1 + (choice % 3), takeEffect: choice % 2 == 0);
                break;
            case Action.Restart:
                Replace(() => _server!.Restart(keepData: choice % 2 == 0));
                break;
            case Action.FailOver:
                _fenceMayStand = true; // its lifting may be among what is lost
                Replace(() => _server!.FailOver(choice % 5));
                break;
            case Action.FlushTier:
                _server!.Flush();
                break;
        }

        _disturbedAt = _now;
    }

    /// <summary>The server goes and another comes: every connection breaks first, and is told so before it is used again.</summary>
    private void Replace(System.Action replace)
    {
        HistoryNode[] connected = [.. _nodes.Where(node => !node.Link!.IsCut)];
        foreach (var node in connected)
        {
            node.Link!.Cut();
        }

        replace();
        foreach (var node in connected)
        {
            node.Link!.Heal();
            if (node.MessagesCut)
            {
                node.Link.HealMessages(tell: true);
                node.MessagesCut = false;
            }

            if (node.Link.IsFrozen)
            {
                node.Link.Thaw();
            }

            while (node.Link.DeliverMessage()) { }
        }
    }

    private void Crash(HistoryNode node, int index)
    {
        _fenceMayStand = true; // the fences of its changes may stand for a while
        node.Link!.Cut();
        node.Cache.Dispose();
        _open.RemoveAll(change =>
        {
            if (change.Node == node && change.Version > 0 && change.Begun.Result.Status == InvalidationStatus.Done)
            {
                // Committed, never ended: the fence has kept every cache clean.
                _changes.Add(
                    new Change(
                        null,
                        [change.Key],
                        [change.Version],
                        Task.FromResult(InvalidationStatus.Done),
                        Math.Max(change.CommittedAt, change.BegunAt + MaxStaleness)
                    )
                    {
                        DoneAt = change.CommittedAt,
                        LoadsFrom = _now,
                    }
                );
            }

            return change.Node == node;
        });
        _changes.RemoveAll(change =>
            change.Node == node && (!change.Done.IsCompletedSuccessfully || change.Done.Result != InvalidationStatus.Done)
        );
        _reads.RemoveAll(read => read.Node == node);
        _nodes[index] = Start(index);
    }

    private HistoryNode Start(int index) => new(_server, _bare, _options, TimeSpan.FromMinutes(index * index * -31));

    private void EndChange(OpenChange change)
    {
        _open.Remove(change);
        if (change.Version == 0)
        {
            change.Version = ++_source[change.Key];
        }

        var ending = EndAsync(change.Begun.Result);
        _changes.Add(new Change(change.Node, [change.Key], [Bound(change.Node, change.Key, change.Version)], ending, -1));

        async Task<InvalidationStatus> EndAsync(CacheChange begun)
        {
            await begun.DisposeAsync();
            _fenceMayStand |= begun.Status != InvalidationStatus.Done; // made up for by a removal, which lifts nothing: the fence ends by itself
            return begun.Status;
        }
    }

    private void Setting(HistoryNode node, int key, HybridCacheEntryFlags flags)
    {
        var terms = EntryTerms.From(new HybridCacheEntryOptions { Flags = flags }, _options);
        Changing(node, [key], () => node.Cache.Engine.SetAsync(Name(key), _source[key], terms, Tags(key)));
        _changes[^1].IsSet = true;
    }

    private void Changing(HistoryNode node, int[] keys, Func<ValueTask<InvalidationStatus>> change)
    {
        foreach (var key in keys)
        {
            _source[key]++;
        }

        int[] versions = [.. keys.Select(key => Bound(node, key, _source[key]))];
        _changes.Add(new Change(node, keys, versions, change().AsTask(), -1));
    }

    /// <summary>
    /// What a change binds reads to: its version, or what another node is setting meanwhile, which may as well take effect after it. A set that has not reached the tier for certain is under way until it has been made up for.
    /// </summary>
    private int Bound(HistoryNode node, int key, int version)
    {
        Observe();
        foreach (var set in _changes)
        {
            if (set.IsSet && set.Node != node && set.Keys[0] == key && !set.HasSettled)
            {
                version = Math.Min(version, set.Versions[0]);
            }
        }

        return version;
    }

    private void Begin(HistoryNode node, int key, bool slowly, HybridCacheEntryFlags flags = HybridCacheEntryFlags.None)
    {
        var impatience = new CancellationTokenSource();
        var floor = Floor(node, key);
        var value = node.Cache.GetOrCreateAsync(
            Name(key),
            async _ =>
            {
                var held = _source[key];
                if (slowly)
                {
                    // It ignores its token, as sources do: an abandoned load ends all the same.
                    var answer = new TaskCompletionSource<bool>();
                    _loads.Add((answer, _now));
                    if (!await answer.Task)
                    {
                        throw new LoadFailedException(held);
                    }
                }

                return held;
            },
            new HybridCacheEntryOptions { Flags = flags },
            Tags(key),
            impatience.Token
        );
        Expect(node, key, floor, value.AsTask(), impatience);
    }

    private void Look(HistoryNode node, int key)
    {
        var floor = Floor(node, key);
        var impatience = new CancellationTokenSource();
        Expect(node, key, floor, FoundAsync(node.Cache.GetAsync<int>(Name(key), impatience.Token)), impatience);

        static async Task<int> FoundAsync(ValueTask<CacheResult<int>> look) =>
            await look is { Found: true } found ? found.Value : int.MaxValue;
    }

    private void LookForMany(HistoryNode node)
    {
        int[] floors = [.. Enumerable.Range(0, Keys).Select(key => Floor(node, key))];
        var impatience = new CancellationTokenSource();
        var many = node.Cache.GetManyAsync<int>(Names, impatience.Token).AsTask();
        for (var key = 0; key < Keys; key++)
        {
            // Of several that await one task, all but one would go on in the thread pool.
            var found = many.ContinueWith(
                static (done, name) => done.GetAwaiter().GetResult().TryGetValue((string)name!, out var value) ? value : int.MaxValue,
                Name(key),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
            Expect(node, key, floors[key], found, impatience);
        }
    }

    private void Expect(HistoryNode node, int key, int floor, Task<int> value, CancellationTokenSource impatience)
    {
        var read = new Read(node, key, floor, value, impatience);
        if (value.IsCompleted)
        {
            Trace(read);
            read.Check();
        }
        else
        {
            _reads.Add(read);
        }
    }

    /// <summary>Reads that have come to a value though no load has brought one were given what was there before: it must not have been removed, whenever the read began.</summary>
    private static void CheckNotRevived(Read[] waiting)
    {
        foreach (var read in waiting)
        {
            if (read.Value.IsCompletedSuccessfully && read.Value.Result < read.Node.Floor[read.Key])
            {
                throw new InvalidOperationException(
                    $"A stale {Name(read.Key)} of {read.Value.Result} was revived after a change on its node to {read.Node.Floor[read.Key]},"
                );
            }
        }
    }

    private void Trace(Read read)
    {
        var outcome = read.Value.IsCompletedSuccessfully ? read.Value.Result : -(long)read.Value.Status;
        _trace = (((((((_trace * 31) + outcome) * 31) + read.Key) * 31) + Array.IndexOf(_nodes, read.Node)) * 31) + _now;
    }

    /// <summary>What a read on this node that begins now must at least return.</summary>
    private int Floor(HistoryNode node, int key)
    {
        Observe();
        var floor = node.Floor[key];
        if (_nodes.Any(other => other.IsDisturbed))
        {
            _disturbedAt = _now;
        }

        foreach (var change in _changes)
        {
            var bound = Math.Max(Math.Max(change.DoneAt, _disturbedAt) + MaxStaleness, change.NotBefore);
            if (
                change.DoneAt >= 0
                && bound <= _now
                && change.Done.Result == InvalidationStatus.Done
                && (change.LoadsFrom < 0 || !_loads.Exists(load => load.Began <= change.LoadsFrom))
            )
            {
                floor = Math.Max(floor, change.VersionOf(key));
            }
        }

        return floor;
    }

    /// <summary>Changes that have returned bind this node's reads from here on.</summary>
    private void Observe()
    {
        foreach (var change in _changes)
        {
            if (change.DoneAt < 0 && change.Done.IsCompleted)
            {
                change.DoneAt = _now;
                _ = change.Done.Result; // a change never fails
                for (var key = 0; key < Keys && change.Node is not null; key++)
                {
                    change.Node.Floor[key] = Math.Max(change.Node.Floor[key], change.VersionOf(key));
                }
            }

            change.HasSettled |=
                change.DoneAt >= 0 && (change.Done.Result == InvalidationStatus.Done || change.Node?.Cache.PendingInvalidations == 0);
        }

        foreach (var open in _open)
        {
            if (open.BegunAt < 0 && open.Begun.IsCompleted)
            {
                open.BegunAt = _now;
            }
        }

        for (var index = _reads.Count - 1; index >= 0; index--)
        {
            if (_reads[index].Value.IsCompleted)
            {
                Trace(_reads[index]);
                _reads[index].Check();
                _reads.RemoveAt(index);
            }
        }

        foreach (var node in _nodes)
        {
            for (var key = 0; key < Keys; key++)
            {
                if (node.Cache.TryGet<int>(Name(key), out var value) && value < node.Floor[key])
                {
                    throw new InvalidOperationException($"{Name(key)} in memory is {value}, changed on this node up to {node.Floor[key]},");
                }
            }
        }
    }

    /// <summary>Time passes for everybody. What can travel does, except to a node that is paused.</summary>
    private void Pass(int milliseconds, HistoryNode? paused)
    {
        for (var left = milliseconds; left > 0; left -= Step)
        {
            FlushAll(paused);
            var step = Math.Min(left, Step);
            _now += step;
            Read[] waiting = _server is null && _bare is null ? [.. _reads.Where(read => !read.Value.IsCompleted)] : [];
            _serverTime.Advance(TimeSpan.FromMilliseconds(step));
            foreach (var node in _nodes)
            {
                if (node != paused)
                {
                    node.Time.Advance(TimeSpan.FromMilliseconds(step));
                }
            }

            CheckNotRevived(waiting);
            Observe();
        }

        // Its timers fire all at once when it wakes up; nothing has travelled yet.
        paused?.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }

    private void FlushAll(HistoryNode? except = null)
    {
        for (var moved = true; moved; )
        {
            moved = false;
            foreach (var node in _nodes)
            {
                moved |= node != except && node.Flush();
            }
        }
    }

    /// <summary>Everything heals, everything pending is made up for, and then everybody must be right.</summary>
    private void End()
    {
        foreach (var node in _nodes)
        {
            if (node.Link is { } link)
            {
                link.StopFailing();
                link.Heal();
                link.HealMessages(tell: false);
                node.MessagesCut = false;
                link.Thaw();
            }
        }

        if (_bare is not null)
        {
            _bare.IsFrozen = false;
            _bare.Failing = 0;
        }

        _disturbedAt = _now;
        while (_open.Find(change => change.Begun.IsCompletedSuccessfully) is { } open)
        {
            EndChange(open);
        }

        // At most longer than a load may take, with all that may be waited for before and after it; then once more the bound.
        for (var (round, rest) = (0, 0); round < 300 && rest < (MaxStaleness + 1000) / Step; round++)
        {
            rest = IsAtRest() ? rest + 1 : 0;
            foreach (var (answer, _) in _loads)
            {
                answer.TrySetResult(true);
            }

            _loads.Clear();
            while (_open.Find(change => change.Begun.IsCompletedSuccessfully) is { } late)
            {
                EndChange(late);
            }

            Pass(Step, null);
        }

        if (_reads.Count > 0 || _changes.Exists(change => !change.Done.IsCompleted))
        {
            throw new InvalidOperationException(
                $"{_reads.Count} reads and {_changes.Count(change => !change.Done.IsCompleted)} changes have not come to an end"
            );
        }

        foreach (var node in _nodes)
        {
            for (var key = 0; key < Keys; key++)
            {
                var floor = _changes.Select(change => change.VersionOf(key)).DefaultIfEmpty().Max();
                var read = node
                    .Cache.GetOrCreateAsync(Name(key), _source[key], static (held, _) => ValueTask.FromResult(held), tags: Tags(key))
                    .AsTask();
                for (var round = 0; round < 40 && !read.IsCompleted; round++)
                {
                    Pass(Step, null);
                }

                new Read(node, key, floor, read, new CancellationTokenSource()).Check();
                for (var round = 0; round < 40 && !_fenceMayStand && !node.Cache.TryGet<int>(Name(key), out _); round++)
                {
                    // A read may have been answered with what was stale while its load goes on, or its load have been overtaken by the last distrust: read again, it is kept.
                    _ = node
                        .Cache.GetOrCreateAsync(Name(key), _source[key], static (held, _) => ValueTask.FromResult(held), tags: Tags(key))
                        .AsTask();
                    Pass(Step, null);
                }

                if (!_fenceMayStand && !node.Cache.TryGet<int>(Name(key), out _))
                {
                    throw new InvalidOperationException($"{Name(key)} is not kept although nothing is under way any more,");
                }
            }
        }

        foreach (var node in _nodes)
        {
            node.Cache.Dispose();
        }
    }

    private bool IsAtRest() =>
        _reads.Count == 0
        && _open.Count == 0
        && _changes.TrueForAll(change => change.Done.IsCompleted)
        && Array.TrueForAll(_nodes, node => node.Cache.PendingInvalidations == 0);

    private TaskCompletionSource<bool> Pop(int pick)
    {
        var (answer, _) = _loads[pick % _loads.Count];
        _loads.RemoveAt(pick % _loads.Count);
        return answer;
    }

    private static IEnumerable<Action> Repeat(Action action, int times) => Enumerable.Repeat(action, times);

    private static readonly string[][] TagsOf =
    [
        ["tag", "other"],
        ["tag"],
        ["other"],
    ];

    private static readonly string[] Names = [.. Enumerable.Range(0, Keys).Select(key => $"key {key}")];

    private static string Name(int key) => Names[key];

    private static string[] Tags(int key) => TagsOf[key];

    private sealed record Read(HistoryNode Node, int Key, int Floor, Task<int> Value, CancellationTokenSource Impatience)
    {
        public void Check()
        {
            if (Value.IsCompletedSuccessfully && Value.Result < Floor)
            {
                throw new InvalidOperationException($"A read of {Name(Key)} returned {Value.Result}, bound to be at least {Floor},");
            }

            if (Value.IsCanceled && !Impatience.IsCancellationRequested)
            {
                throw new InvalidOperationException($"A read of {Name(Key)} was cancelled with somebody else's,");
            }

            if (Value.Exception?.InnerException is LoadFailedException failed && failed.Held < Floor)
            {
                throw new InvalidOperationException(
                    $"A read of {Name(Key)} was given a failure of {failed.Held}, bound to be of {Floor} at least,"
                );
            }

            if (
                Value.Exception?.InnerException
                is { } exception
                    and not (LoadFailedException or TimeoutException or OperationCanceledException)
            )
            {
                throw new InvalidOperationException($"A read of {Name(Key)} failed with {exception}", exception);
            }
        }
    }

    private sealed class LoadFailedException(int held) : Exception
    {
        public int Held => held;
    }

    private sealed record Change(HistoryNode? Node, int[] Keys, int[] Versions, Task<InvalidationStatus> Done, long NotBefore)
    {
        public long DoneAt { get; set; } = -1;

        public bool IsSet { get; set; }

        /// <summary>It can no longer take effect.</summary>
        public bool HasSettled { get; set; }

        /// <summary>A read may join a load that began before this, and is then not bound.</summary>
        public long LoadsFrom { get; init; } = -1;

        public int VersionOf(int key) => Array.IndexOf(Keys, key) is var index && index < 0 ? 0 : Versions[index];
    }

    private sealed record OpenChange(HistoryNode Node, int Key, Task<CacheChange> Begun)
    {
        public long BegunAt { get; set; } = -1;

        public long CommittedAt { get; set; } = -1;

        public int Version { get; set; }
    }
}

/// <summary>A history that broke the contract.</summary>
public sealed class HistoryException(string message, Exception cause) : Exception(message, cause);
