using Autom8.Scheduling.Alerts;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Autom8.Scheduling.Tests.Alerts;

/// <summary>Random histories against a model that knows nothing of edges: it says at each step which problems there are, and alerts must be the differences.</summary>
public sealed class AlertModelTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private static readonly AlertSubject Subject = new(Guid.Parse("01900000-0000-7000-8000-000000000001"), "task");

    public sealed record Step(int Seconds, bool IsTick, RunReportOutcome Outcome, int Late, int Attempt, bool IsFinal);

    public sealed record History(AlertPolicy Policy, IReadOnlyList<Step> Steps)
    {
        public override string ToString() => $"{Policy}\n{string.Join('\n', Steps)}";
    }

    public static class Histories
    {
        private static readonly Gen<AlertPolicy> Policies =
            from onFailure in ArbMap.Default.GeneratorFor<bool>()
            from onRetry in ArbMap.Default.GeneratorFor<bool>()
            from late in Gen.Elements<TimeSpan?>(null, TimeSpan.FromSeconds(30))
            from expect in Gen.Elements<TimeSpan?>(null, TimeSpan.FromMinutes(4))
            select new AlertPolicy
            {
                OnFailure = onFailure,
                OnRetry = onRetry,
                LateAfter = late,
                ExpectSuccessEvery = expect,
            };

        private static readonly Gen<Step> Steps =
            from seconds in Gen.Choose(1, 120)
            from tick in ArbMap.Default.GeneratorFor<bool>()
            from outcome in Gen.Elements(Enum.GetValues<RunReportOutcome>())
            from late in Gen.Choose(0, 60)
            from attempt in Gen.Choose(1, 3)
            from final in ArbMap.Default.GeneratorFor<bool>()
            select new Step(seconds, tick, outcome, late, attempt, final);

        public static Arbitrary<History> Arbitrary() =>
            Arb.From(from policy in Policies from steps in Gen.ListOf(Steps) select new History(policy, [.. steps]), h => Shrink(h));

        private static IEnumerable<History> Shrink(History h) =>
            Enumerable.Range(0, h.Steps.Count).Select(i => h with { Steps = [.. h.Steps.Where((_, n) => n != i)] });
    }

    [Property(Arbitrary = [typeof(Histories)], MaxTest = 300)]
    public void Alerts_are_the_edges_of_problems_and_the_state_survives_the_store(History history)
    {
        var model = new Model(history.Policy);
        var (state, now) = (default(AlertState), Start);
        var before = new HashSet<AlertKind>();
        var seen = new HashSet<string>();
        foreach (var step in history.Steps)
        {
            now += TimeSpan.FromSeconds(step.Seconds);
            var report = Report(step, now);
            var transition = step.IsTick
                ? AlertRules.Tick(state, history.Policy, Subject, now)
                : AlertRules.Apply(state, history.Policy, report);
            var problems = step.IsTick ? model.Tick(now) : model.Apply(report);

            var begun = transition.Alerts.Where(a => a.Kind != AlertKind.Recovered).Select(a => a.Kind);
            var over = transition.Alerts.Where(a => a.Kind == AlertKind.Recovered).Select(a => a.RecoveredFrom!.Value);
            Assert.Equal(problems.Except(before).Order(), begun.Order());
            Assert.Equal(before.Except(problems).Where(k => !IsEscalated(k, problems)).Order(), over.Order());
            Assert.All(transition.Alerts, a => Assert.True(seen.Add(a.Fingerprint), "The same news twice."));
            Assert.All(transition.Alerts, a => Assert.InRange(a.Since, Start.AddMinutes(-1), a.HappenedAt));

            state = AlertState.Import(transition.State.Export());
            Assert.Equal(transition.State, state);
            before = problems;
        }
    }

    private static bool IsEscalated(AlertKind kind, HashSet<AlertKind> now) => kind == AlertKind.Failed && now.Contains(AlertKind.Dead);

    private static RunReport Report(Step step, DateTimeOffset now) =>
        new()
        {
            Subject = Subject,
            ScheduledAt = now.AddSeconds(-step.Late),
            StartedAt = step.Outcome == RunReportOutcome.Skipped ? null : now,
            CompletedAt = now,
            Outcome = step.Outcome,
            Attempt = step.Attempt,
            IsFinal = step.IsFinal,
        };

    /// <summary>Which problems there are, from the whole history each time.</summary>
    private sealed class Model(AlertPolicy policy)
    {
        private readonly List<RunReport> _runs = [];
        private DateTimeOffset? _watched;
        private bool _missing;

        public HashSet<AlertKind> Tick(DateTimeOffset now)
        {
            if (policy.ExpectSuccessEvery is { } every)
            {
                var since = _runs.LastOrDefault(r => r.Outcome == RunReportOutcome.Succeeded)?.CompletedAt;
                if (since is null)
                    _watched ??= now;
                _missing = now - (since ?? _watched) > every;
            }
            return Problems();
        }

        public HashSet<AlertKind> Apply(RunReport run)
        {
            _runs.Add(run);
            _missing &= run.Outcome != RunReportOutcome.Succeeded;
            return Problems();
        }

        private HashSet<AlertKind> Problems()
        {
            var problems = new HashSet<AlertKind>();
            var failures = _runs
                .Skip(_runs.FindLastIndex(r => r.Outcome == RunReportOutcome.Succeeded) + 1)
                .Where(r => r.Outcome is RunReportOutcome.Failed or RunReportOutcome.Abandoned && (r.IsFinal || policy.OnRetry))
                .ToList();
            if (policy.OnFailure && failures.Count > 0)
                problems.Add(failures.Exists(r => r is { IsFinal: true, Attempt: > 1 }) ? AlertKind.Dead : AlertKind.Failed);
            if (NewestStart() is { } start && start.StartedAt - start.ScheduledAt > policy.LateAfter)
                problems.Add(AlertKind.Late);
            if (_missing)
                problems.Add(AlertKind.Missing);
            return problems;
        }

        /// <summary>The start of the newest occurrence: the first, when it began more than once.</summary>
        private RunReport? NewestStart() => _runs.Where(r => r.StartedAt is not null).MaxBy(r => r.ScheduledAt);
    }
}
