using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Scheduling.Gate;
using Autom8.Scheduling.Cron;
using Cronos;

namespace Autom8.Benchmarks.Scheduling.Rows;

/// <summary>Asks for the next occurrence after instants of four years in New York. Each shape is a race of its own; the first measure is the geometric mean of all.</summary>
internal sealed class CronRow : IRow
{
    private const string Zone = "America/New_York";
    private const int Instants = 1024;

    private static readonly (string Id, string Expression)[] Shapes =
    [
        ("minute", "* * * * *"),
        ("office", "*/15 9-17 * * 1-5"),
        ("leap", "0 0 29 2 *"),
        ("night", "30 2 * * *"),
        ("seconds", "*/10 * * * * *"),
        ("halfmonth", "5 30 4 1,15 * *"),
    ];

    public string Name => "cron";

    public bool IsRace => true;

    public Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        var instants = RandomInstants();
        Measure[] shapes = [.. Shapes.Select(shape => Run(options, $"{Name}.{shape.Id}", shape.Expression, instants))];
        var mean = new Measure(
            Name,
            "next occurrence, all shapes",
            $"geometric mean of {Shapes.Length}, {Zone}",
            "1",
            "ns",
            MeanOf([.. shapes.Select(shape => shape.Ours)]),
            [MeanOf([.. shapes.Select(shape => shape.Peers[0])])]
        );
        return Task.FromResult<IReadOnlyList<Measure>>([mean, .. shapes]);
    }

    private static Measure Run(GateOptions options, string id, string expression, DateTimeOffset[] instants)
    {
        var format = expression.Split(' ').Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard;
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Zone);
        var race = new LoopRace(
            options,
            [
                LoopCase.Of("ours", new Ours(CronSchedule.Parse(expression, Zone), instants)),
                LoopCase.Of(Peer.Cronos, new Theirs(CronExpression.Parse(expression, format), zone, instants)),
            ]
        );
        race.WarmUp();
        var figures = race.Run(threads: 1);
        return new Measure(id, $"next of {expression}", $"{Instants} instants of 2026 to 2029", "1", "ns", figures[0], [figures[1]]);
    }

    /// <summary>Round by round, so that it is compared within a round as all others are; of bytes the most.</summary>
    private static Figure MeanOf(IReadOnlyList<Figure> figures) =>
        new(
            figures[0].Case,
            [
                .. Enumerable
                    .Range(0, figures[0].Rounds.Count)
                    .Select(round => Math.Exp(figures.Average(figure => Math.Log(figure.Rounds[round])))),
            ],
            figures.Max(figure => figure.BytesPerOperation)
        );

    private static DateTimeOffset[] RandomInstants()
    {
        var random = new Random(20260101);
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return [.. Enumerable.Range(0, Instants).Select(_ => start.AddSeconds(random.Next(0, 4 * 365 * 86_400)))];
    }

    private readonly struct Ours(CronSchedule schedule, DateTimeOffset[] instants) : IOperation
    {
        public int Invoke(int index) => schedule.Next(instants[index & (Instants - 1)]) is { } next ? next.Second : 0;
    }

    private readonly struct Theirs(CronExpression expression, TimeZoneInfo zone, DateTimeOffset[] instants) : IOperation
    {
        public int Invoke(int index) => expression.GetNextOccurrence(instants[index & (Instants - 1)], zone) is { } next ? next.Second : 0;
    }
}
