using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Tasks;

namespace Autom8.Scheduling.Engine;

/// <summary>Checks what is to be enqueued, has it written, and wakes the engine.</summary>
internal sealed class JobQueue(ISchedulerStore store, JobCatalog jobs, WakeSignal wake) : IJobQueue
{
    private const int MaxPage = 500;
    private const int MaxMany = 10_000;
    private const int MaxKeyLength = 200;

    private readonly EnqueueBuffer _buffer = new(store);

    public ValueTask<Guid> EnqueueAsync<TJob>(EnqueueOptions? options = null, CancellationToken cancellationToken = default)
        where TJob : IJob => EnqueueAsync(Make(jobs.Of(typeof(TJob)), null, options ?? Defaults), options, cancellationToken);

    public ValueTask<Guid> EnqueueAsync<TJob, TArguments>(
        TArguments arguments,
        EnqueueOptions? options = null,
        CancellationToken cancellationToken = default
    )
        where TJob : IJob<TArguments>
    {
        var job = jobs.Of(typeof(TJob));
        return EnqueueAsync(Make(job, Payload(job, arguments), options ?? Defaults), options, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<Guid>> EnqueueManyAsync<TJob, TArguments>(
        IReadOnlyList<TArguments> arguments,
        EnqueueOptions? options = null,
        CancellationToken cancellationToken = default
    )
        where TJob : IJob<TArguments>
    {
        ArgumentNullException.ThrowIfNull(arguments);
        options ??= Defaults;
        if (options.UniqueKey is not null || options.DebounceKey is not null || options.After.Count > 0)
        {
            throw Invalid(nameof(options), "Many jobs at once cannot share a key, or wait for others.");
        }

        if (arguments.Count > MaxMany)
        {
            throw Invalid(
                nameof(arguments),
                string.Create(CultureInfo.InvariantCulture, $"At most {MaxMany} jobs are enqueued at once. Enqueue them in parts.")
            );
        }

        if (arguments.Count == 0)
        {
            return [];
        }

        var job = jobs.Of(typeof(TJob));
        var first = Make(job, Payload(job, arguments[0]), options);
        var many = new NewJob[arguments.Count];
        for (var i = 0; i < many.Length; i++)
        {
            many[i] = i == 0 ? first : first with { Id = TimedId.New(), Payload = Payload(job, arguments[i]) };
        }

        var ids = await store.EnqueueAsync(many, options.Transaction, cancellationToken).ConfigureAwait(false);
        wake.Set();
        return ids;
    }

    public ValueTask<Guid> EnqueueAsync(
        string job,
        string? payload,
        EnqueueOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(job);
        var registration =
            jobs.Find(job)
            ?? throw Invalid(nameof(job), $"No job '{job}' is registered here. Registered are: {string.Join(", ", jobs.Names)}.");
        DefinitionRules.CheckPayload(payload);
        return EnqueueAsync(Make(registration, payload, options ?? Defaults), options, cancellationToken);
    }

    public async ValueTask<bool> CancelAsync(Guid jobId, CancellationToken cancellationToken = default)
    {
        var told = await store.CancelAsync(jobId, cancellationToken).ConfigureAwait(false);
        wake.SetUrgent();
        return told;
    }

    public async ValueTask<bool> RequeueAsync(Guid jobId, CancellationToken cancellationToken = default)
    {
        var requeued = await store.RequeueAsync(jobId, cancellationToken).ConfigureAwait(false);
        wake.Set();
        return requeued;
    }

    public ValueTask<QueueState> PauseQueueAsync(
        string queue,
        ChangeOrigin origin = default,
        string? reason = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(queue);
        DefinitionRules.CheckQueue(queue);
        DefinitionRules.CheckReason(reason);
        return store.EditQueueAsync(
            queue,
            (state, now) => state with { PausedAt = state.PausedAt ?? now, PausedBy = origin.Actor, PausedReason = reason },
            cancellationToken
        );
    }

    public async ValueTask<QueueState> ResumeQueueAsync(string queue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queue);
        DefinitionRules.CheckQueue(queue);
        var resumed = await store
            .EditQueueAsync(
                queue,
                static (state, _) => state with { PausedAt = null, PausedBy = null, PausedReason = null },
                cancellationToken
            )
            .ConfigureAwait(false);
        wake.Set();
        return resumed;
    }

    public async ValueTask<QueueState> LimitQueueAsync(string queue, int? maxRunning, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queue);
        DefinitionRules.CheckQueue(queue);
        if (maxRunning is < 1 or > 100_000)
        {
            throw Invalid(nameof(maxRunning), "1 to 100,000 jobs of a queue may be claimed at once; null is no limit.");
        }

        var limited = await store
            .EditQueueAsync(queue, (state, _) => state with { MaxRunning = maxRunning }, cancellationToken)
            .ConfigureAwait(false);
        wake.Set();
        return limited;
    }

    public ValueTask<IReadOnlyList<QueueState>> ListQueuesAsync(CancellationToken cancellationToken = default) =>
        store.ListQueuesAsync(cancellationToken);

    public ValueTask<JobSnapshot?> FindAsync(Guid jobId, CancellationToken cancellationToken = default) =>
        store.FindJobAsync(jobId, cancellationToken);

    public ValueTask<IReadOnlyList<JobSnapshot>> ListAsync(
        JobState? state = null,
        Guid? after = null,
        int limit = 50,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
        return store.ListJobsAsync(state, after, limit, cancellationToken);
    }

    public ValueTask<IReadOnlyList<TaskExecution>> ListExecutionsAsync(Guid jobId, CancellationToken cancellationToken = default) =>
        store.ListExecutionsAsync(null, jobId, null, MaxPage, cancellationToken);

    private static EnqueueOptions Defaults { get; } = new();

    private async ValueTask<Guid> EnqueueAsync(NewJob job, EnqueueOptions? options, CancellationToken cancellationToken)
    {
        if (options?.Transaction is { } transaction)
        {
            // It is there when the caller commits: this process hears of it as others do, or looks in time.
            return (await store.EnqueueAsync([job], transaction, cancellationToken).ConfigureAwait(false))[0];
        }

        cancellationToken.ThrowIfCancellationRequested();
        var id = await _buffer.AddAsync(job).ConfigureAwait(false);
        if (job.Delay == TimeSpan.Zero)
        {
            wake.Set();
        }

        return id;
    }

    private static NewJob Make(JobRegistration job, string? payload, EnqueueOptions options)
    {
        if (ReferenceEquals(options, Defaults))
        {
            return new()
            {
                Id = TimedId.New(),
                Job = job.Name,
                Queue = job.Options.Queue,
                Priority = job.Options.Priority,
                Payload = payload,
            };
        }

        if (options is { DueAt: not null, Delay: not null })
        {
            throw Invalid(nameof(options.Delay), "Either a due time or a delay.");
        }

        if (options.Delay is { } delay && (delay < TimeSpan.Zero || delay > TimeSpan.FromDays(3_653)))
        {
            throw Invalid(nameof(options.Delay), "A delay lies between nothing and ten years.");
        }

        if (options.Timeout is { } timeout && (timeout < TimeSpan.FromMilliseconds(1) || timeout > TimeSpan.FromDays(7)))
        {
            throw Invalid(nameof(options.Timeout), "A timeout lies between one millisecond and seven days; leave it out for none.");
        }

        if (options is { UniqueKey: not null, DebounceKey: not null })
        {
            throw Invalid(nameof(options.DebounceKey), "Either a unique key or one to debounce by.");
        }

        if (options.UniqueKey is { Length: 0 or > MaxKeyLength } || options.DebounceKey is { Length: 0 or > MaxKeyLength })
        {
            throw Invalid(
                nameof(options.UniqueKey),
                string.Create(CultureInfo.InvariantCulture, $"A key has 1 to {MaxKeyLength} characters.")
            );
        }

        if (options.UniqueFor is { } window && (options.UniqueKey is null || window <= TimeSpan.Zero || window > TimeSpan.FromDays(366)))
        {
            throw Invalid(nameof(options.UniqueFor), "A unique key, and up to 366 days.");
        }

        if (options.Priority is { } priority && !Enum.IsDefined(priority))
        {
            throw Invalid(nameof(options.Priority), "The priority is low, normal or high.");
        }

        DefinitionRules.CheckQueue(options.Queue);
        DefinitionRules.CheckRetry(options.Retry);
        return new()
        {
            Id = TimedId.New(),
            Job = job.Name,
            Queue = options.Queue ?? job.Options.Queue,
            Priority = options.Priority ?? job.Options.Priority,
            DueAt = options.DueAt,
            Delay = options.Delay ?? TimeSpan.Zero,
            Payload = payload,
            Policy = JobPolicy.Text(options.Timeout, options.Retry),
            UniqueKey = options.UniqueKey,
            UniqueFor = options.UniqueFor,
            DebounceKey = options.DebounceKey,
            After = options.After,
            AfterFailure = options.AfterFailure,
        };
    }

    private static string Payload<TArguments>(JobRegistration job, TArguments arguments)
    {
        if (job.Arguments is not JsonTypeInfo<TArguments> json)
        {
            throw new SchedulingException(
                SchedulingError.Misconfigured,
                $"The job '{job.Name}' is not registered with arguments of {typeof(TArguments).Name}."
            );
        }

        var payload = JsonSerializer.Serialize(arguments, json);
        DefinitionRules.CheckPayload(payload, isJson: true);
        return payload;
    }

    private static SchedulingException Invalid(string field, string message) => new(SchedulingError.Invalid, message, field);
}
