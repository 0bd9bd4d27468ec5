using System.Net.Http.Json;

namespace Autom8.Client;

/// <content>Queues. Reading takes any role, the rest that of an administrator.</content>
public sealed partial class Autom8Client
{
    /// <summary>The queues that are paused or limited, or have jobs that wait, by name.</summary>
    public async Task<IReadOnlyList<JobQueueState>> ListQueuesAsync(CancellationToken cancellationToken = default)
    {
        var list = await SendAsync(HttpMethod.Get, "api/v1/queues", content: null, TasksJson.Default.QueueList, cancellationToken)
            .ConfigureAwait(false);
        return list.Items;
    }

    /// <summary>Pauses a queue on all nodes: what runs goes on, nothing further of it begins.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="reason">Why, at most 500 characters; kept while it is paused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<JobQueueState> PauseQueueAsync(string queue, string? reason = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post,
            QueuePath(queue, "pause"),
            JsonContent.Create(new QueuePause(reason), TasksJson.Default.QueuePause),
            TasksJson.Default.JobQueueState,
            cancellationToken
        );

    /// <summary>Resumes a queue.</summary>
    public Task<JobQueueState> ResumeQueueAsync(string queue, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, QueuePath(queue, "resume"), content: null, TasksJson.Default.JobQueueState, cancellationToken);

    /// <summary>Limits how many jobs of a queue may be claimed at once on all nodes together.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="maxRunning">1 to 100,000; null for no limit.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<JobQueueState> LimitQueueAsync(string queue, int? maxRunning, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Put,
            QueuePath(queue, "limit"),
            JsonContent.Create(new QueueLimit(maxRunning), TasksJson.Default.QueueLimit),
            TasksJson.Default.JobQueueState,
            cancellationToken
        );

    private static string QueuePath(string queue, string command)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        return $"api/v1/queues/{Uri.EscapeDataString(queue)}/{command}";
    }
}
