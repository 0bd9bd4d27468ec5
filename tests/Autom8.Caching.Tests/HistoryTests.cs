using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Caching.Tests;

/// <summary>
/// Random histories against the contract: a read that begins after a removal (set, removal by tag) has returned never gets a value that is older than the source was when that removal was called.
/// The source answers with what it held when the load began, however late it answers; the second tier fails, hangs, and carries out hung calls long after.
/// </summary>
public sealed class HistoryTests
{
    [Property(MaxTest = 300, EndSize = 120)]
    public Task Memory_alone_never_serves_what_was_removed(Step[] steps) => new History(distributed: false).RunAsync(steps);

    [Property(MaxTest = 500, EndSize = 120)]
    public Task Two_tiers_never_serve_what_was_removed_on_this_node(Step[] steps) => new History(distributed: true).RunAsync(steps);

    public enum Action
    {
        Read,
        ReadSlowly,
        ReadPastMemory,
        AnswerOne,
        FailOne,
        CancelOne,
        Change,
        Remove,
        Set,
        SetPastTier,
        RemoveByTag,
        RemoveAll,
        Evict,
        LetTimePass,
        TierAnswers,
        TierThrows,
        TierHangs,
        TierReleases,
    }

    public readonly record struct Step(Action Action, byte Pick);

    private sealed class History(bool distributed)
    {
        private const int Keys = 3;
        private readonly FakeTimeProvider _time = new();
        private readonly int[] _source = new int[Keys];
        private readonly int[] _floor = new int[Keys];
        private readonly List<(int[] Keys, int[] Floor, Task Done)> _changes = [];
        private readonly List<Read> _reads = [];
        private readonly List<TaskCompletionSource<bool>> _loads = [];
        private ScriptedDistributedCache _tier = null!;

        public async Task RunAsync(Step[] steps)
        {
            _tier = new ScriptedDistributedCache(_time);
            using var node = new Node(
                distributed ? _tier : null,
                _time,
                options =>
                {
                    options.Capacity = 8;
                    options.Expiration = TimeSpan.FromSeconds(20);
                }
            );
            foreach (var step in steps)
            {
                Take(node.Cache, step);
                await Task.Yield();
                Observe(node.Cache);
            }

            _tier.All = Behaviour.Answer;
            _tier.Release();
            for (var round = 0; round < 10_000 && _reads.Exists(read => !read.Value.IsCompleted); round++)
            {
                AnswerAll();
                _time.Advance(TimeSpan.FromMilliseconds(600));
                await Task.Yield();
            }

            foreach (var change in _changes)
            {
                await change.Done.WaitAsync(TimeSpan.FromSeconds(30));
            }

            foreach (var read in _reads)
            {
                await read.CheckAsync();
            }
        }

        private void Take(TieredCache cache, Step step)
        {
            var key = step.Pick % Keys;
            switch (step.Action)
            {
                case Action.Read:
                    Begin(cache, key, slowly: false);
                    break;
                case Action.ReadSlowly:
                    Begin(cache, key, slowly: true);
                    break;
                case Action.ReadPastMemory:
                    Begin(cache, key, slowly: step.Pick % 2 == 0, HybridCacheEntryFlags.DisableLocalCacheRead);
                    break;
                case Action.AnswerOne when _loads.Count > 0:
                    Pop(step.Pick).TrySetResult(true);
                    break;
                case Action.FailOne when _loads.Count > 0:
                    Pop(step.Pick).TrySetException(new InvalidDataException());
                    break;
                case Action.CancelOne when _reads.Count > 0:
                    _reads[step.Pick % _reads.Count].Impatience.Cancel();
                    break;
                case Action.Change:
                    Interlocked.Increment(ref _source[key]);
                    break;
                case Action.Remove:
                    Changing([key], () => cache.RemoveAsync(Name(key)));
                    break;
                case Action.Set:
                    Changing([key], () => cache.SetAsync(Name(key), _source[key], tags: Tags(key)));
                    break;
                case Action.SetPastTier:
                    var options = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCacheWrite };
                    Changing([key], () => cache.SetAsync(Name(key), _source[key], options, Tags(key)));
                    break;
                case Action.RemoveByTag:
                    Changing([0, 1], () => cache.RemoveByTagAsync("tag"));
                    break;
                case Action.RemoveAll:
                    Changing([0, 1, 2], () => cache.RemoveByTagAsync("*"));
                    break;
                case Action.Evict:
                    var memory = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCache };
                    for (var filler = 0; filler < 20; filler++)
                    {
                        _ = cache.GetOrCreateAsync($"filler {filler}", static _ => ValueTask.FromResult(0), memory).AsTask();
                    }

                    break;
                case Action.LetTimePass:
                    _time.Advance(TimeSpan.FromMilliseconds(step.Pick * 30));
                    break;
                case Action.TierAnswers:
                    _tier.All = Behaviour.Answer;
                    break;
                case Action.TierThrows:
                    Script(step.Pick, Behaviour.Throw);
                    break;
                case Action.TierHangs:
                    Script(step.Pick, Behaviour.Hang);
                    break;
                case Action.TierReleases:
                    _tier.Release();
                    break;
            }
        }

        private void Script(byte pick, Behaviour behaviour)
        {
            switch (pick % 4)
            {
                case 0:
                    _tier.Gets = behaviour;
                    break;
                case 1:
                    _tier.Sets = behaviour;
                    break;
                case 2:
                    _tier.Removes = behaviour;
                    break;
                default:
                    _tier.All = behaviour;
                    break;
            }
        }

        private void Begin(TieredCache cache, int key, bool slowly, HybridCacheEntryFlags flags = HybridCacheEntryFlags.None)
        {
            var impatience = new CancellationTokenSource();
            var floor = Volatile.Read(ref _floor[key]);
            var value = cache.GetOrCreateAsync(
                Name(key),
                async _ =>
                {
                    var held = Volatile.Read(ref _source[key]);
                    if (slowly)
                    {
                        // It ignores its token, as sources do: an abandoned load ends all the same.
                        var answer = new TaskCompletionSource<bool>();
                        lock (_loads)
                        {
                            _loads.Add(answer);
                        }

                        await answer.Task;
                    }

                    return held;
                },
                new HybridCacheEntryOptions { Flags = flags },
                Tags(key),
                impatience.Token
            );
            _reads.Add(new Read(value.AsTask(), floor, impatience));
        }

        private void Changing(int[] keys, Func<ValueTask> change)
        {
            foreach (var key in keys)
            {
                Interlocked.Increment(ref _source[key]);
            }

            int[] floor = [.. keys.Select(key => _source[key])];
            _changes.Add((keys, floor, change().AsTask()));
        }

        /// <summary>Changes that have returned bind every read from here on.</summary>
        private void Observe(TieredCache cache)
        {
            foreach (var (keys, floor, _) in _changes.Where(change => change.Done.IsCompletedSuccessfully))
            {
                for (var index = 0; index < keys.Length; index++)
                {
                    _floor[keys[index]] = Math.Max(_floor[keys[index]], floor[index]);
                }
            }

            _changes.RemoveAll(change => change.Done.IsCompletedSuccessfully);
            for (var key = 0; key < Keys; key++)
            {
                if (cache.TryGet<int>(Name(key), out var value))
                {
                    Assert.True(value >= _floor[key], $"{Name(key)} in memory is {value}, removed up to {_floor[key]}");
                }
            }
        }

        private TaskCompletionSource<bool> Pop(byte pick)
        {
            lock (_loads)
            {
                var answer = _loads[pick % _loads.Count];
                _loads.Remove(answer);
                return answer;
            }
        }

        private void AnswerAll()
        {
            TaskCompletionSource<bool>[] all;
            lock (_loads)
            {
                all = [.. _loads];
                _loads.Clear();
            }

            foreach (var answer in all)
            {
                answer.TrySetResult(true);
            }
        }

        private static string Name(int key) => $"key {key}";

        private static string[] Tags(int key) => key < 2 ? ["tag"] : [];
    }

    private sealed record Read(Task<int> Value, int Floor, CancellationTokenSource Impatience)
    {
        public async Task CheckAsync()
        {
            try
            {
                var value = await Value.WaitAsync(TimeSpan.FromSeconds(30));
                Assert.True(value >= Floor, $"a read returned {value}, removed up to {Floor} before it began");
            }
            catch (OperationCanceledException) when (Impatience.IsCancellationRequested) { }
            catch (InvalidDataException) { } // its load was told to fail
            finally
            {
                Impatience.Dispose();
            }
        }
    }
}
