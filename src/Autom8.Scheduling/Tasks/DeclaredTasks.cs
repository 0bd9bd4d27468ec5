using Autom8.Scheduling.Engine;

namespace Autom8.Scheduling.Tasks;

/// <summary>A task that code or the settings declare.</summary>
/// <param name="Definition">What it is to be.</param>
/// <param name="IsAuthoritative">Whether that overrules what somebody changed.</param>
internal sealed record DeclaredTask(TaskDefinition Definition, bool IsAuthoritative);

/// <summary>The tasks that code declares beside its jobs, with what the settings say on top.</summary>
internal static class DeclaredTasks
{
    public static IReadOnlyList<DeclaredTask> Of(JobCatalog jobs, SchedulingOptions options)
    {
        if (options.Tasks.Count == 0)
        {
            return jobs.Declared;
        }

        // Settings know no case; code's name is the task's.
        var all = jobs.Declared.ToDictionary(static t => t.Definition.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, task) in options.Tasks)
        {
            all[name] = task.Over(name, all.GetValueOrDefault(name));
        }

        return [.. all.Values];
    }

    /// <summary>What is wrong with the tasks of the settings, by the names of the settings.</summary>
    public static IEnumerable<string> Problems(JobCatalog jobs, SchedulingOptions options, string section)
    {
        foreach (var (name, task) in options.Tasks)
        {
            var code = jobs.Declared.FirstOrDefault(t => t.Definition.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (Problem(task.Over(name, code).Definition, jobs) is not { } problem)
            {
                continue;
            }

            yield return problem.Field is null or nameof(TaskDefinition.Name)
                ? $"{section}:Tasks:{name}: {problem.Message}"
                : $"{section}:Tasks:{name}:{problem.Field.Replace('.', ':')}: {problem.Message}";
        }
    }

    private static SchedulingException? Problem(TaskDefinition definition, JobCatalog jobs)
    {
        try
        {
            DefinitionRules.Check(definition, jobs.Names);
            return null;
        }
        catch (SchedulingException problem)
        {
            return problem;
        }
    }
}
