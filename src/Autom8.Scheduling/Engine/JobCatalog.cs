using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Engine;

/// <summary>A job that tasks can name, how to make it, and the task that code declares for it.</summary>
internal sealed record JobRegistration(string Name, Type Type, Func<IServiceProvider, IJob> Create, TaskDefinition? Declared);

/// <summary>The jobs of this process by name.</summary>
internal sealed class JobCatalog
{
    private readonly Dictionary<string, JobRegistration> _jobs;

    public JobCatalog(IEnumerable<JobRegistration> jobs)
    {
        _jobs = jobs.ToDictionary(j => j.Name, StringComparer.Ordinal);
        Names = [.. _jobs.Keys.Order(StringComparer.Ordinal)];
        Declared = [.. _jobs.Values.Where(j => j.Declared is not null).Select(j => j.Declared!)];
    }

    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<TaskDefinition> Declared { get; }

    public IJob Create(string name, IServiceProvider services) => _jobs[name].Create(services);
}
