using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Engine;

/// <summary>A job by name: how to run it, and the task that code declares for it.</summary>
/// <param name="Name">Stored with whatever is to run it.</param>
/// <param name="Options">How it is run.</param>
/// <param name="RunAsync">Runs it with the services of a scope.</param>
/// <param name="JobType">The class, for those who enqueue by it; null for a lambda.</param>
/// <param name="Arguments">Turns arguments into their JSON; null where there are none.</param>
/// <param name="Declared">The task that code declares, or null.</param>
/// <param name="IsAuthoritative">Whether the code's declaration overrules what somebody changed.</param>
internal sealed record JobRegistration(
    string Name,
    JobOptions Options,
    Func<JobContext, CancellationToken, ValueTask> RunAsync,
    Type? JobType,
    object? Arguments,
    TaskDefinition? Declared,
    bool IsAuthoritative
);

/// <summary>The jobs of this process by name.</summary>
internal sealed class JobCatalog
{
    private readonly Dictionary<string, JobRegistration> _jobs;
    private readonly Dictionary<Type, JobRegistration> _byType = [];

    public JobCatalog(IEnumerable<JobRegistration> jobs)
    {
        _jobs = jobs.ToDictionary(j => j.Name, StringComparer.Ordinal);
        Names = [.. _jobs.Keys.Order(StringComparer.Ordinal)];
        Declared = [.. _jobs.Values.Where(j => j.Declared is not null).Select(j => new DeclaredTask(j.Declared!, j.IsAuthoritative))];
        AtMostOnce = [.. _jobs.Values.Where(j => j.Options.Delivery == Delivery.AtMostOnce).Select(j => j.Name)];
        foreach (var job in _jobs.Values)
        {
            if (job.JobType is { } type)
            {
                _byType.TryAdd(type, job);
            }
        }
    }

    public string[] Names { get; }

    public string[] AtMostOnce { get; }

    /// <summary>The tasks that code declares.</summary>
    public IReadOnlyList<DeclaredTask> Declared { get; }

    public JobRegistration? Find(string name) => _jobs.GetValueOrDefault(name);

    public JobRegistration Of(Type type) =>
        _byType.GetValueOrDefault(type)
        ?? throw new SchedulingException(
            SchedulingError.Misconfigured,
            $"{type.Name} is not registered as a job here. Call AddJob on what AddAutom8Scheduling returns."
        );
}
