using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Jobs;
using Autom8.Scheduling.Storage;
using Autom8.Scheduling.Storage.Memory;
using Autom8.Scheduling.Storage.PostgreSql;
using Autom8.Scheduling.Storage.Sqlite;
using Autom8.Scheduling.Tasks;
using Autom8.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace Autom8.Scheduling;

/// <summary>Chooses the scheduler's store and its jobs.</summary>
public sealed class SchedulingBuilder
{
    internal SchedulingBuilder(IServiceCollection services) => Services = services;

    /// <summary>The registrations.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Keeps tasks in this process, for as long as it lives. The default.</summary>
    /// <remarks>
    /// What code declares is made anew at each start; everything else is lost with the process. The newest 100,000 executions are kept, as long as their errors, outputs and logs have no more than 64 Mi characters
    /// in all. There are no transactions: those of callers are refused, and a registered <see cref="ITaskChangeSink"/>, which hears of changes in theirs, is refused at start.
    /// </remarks>
    public SchedulingBuilder UseInMemory() => Store(InMemory);

    internal static ISchedulerStore InMemory(IServiceProvider services) =>
        services.GetServices<ITaskChangeSink>().Any()
            ? throw new SchedulingException(
                SchedulingError.Misconfigured,
                $"An {nameof(ITaskChangeSink)} is registered, and the scheduler's store is in memory, where there are no transactions. Call UseSqlite or UsePostgreSql on what AddAutom8Scheduling returns."
            )
            : new MemorySchedulerStore(services.GetRequiredService<TimeProvider>());

    /// <summary>Keeps tasks in a SQLite file, for one process.</summary>
    /// <param name="connectionString"><c>Data Source=path</c>.</param>
    public SchedulingBuilder UseSqlite(string connectionString)
    {
        Services.AddAutom8SqliteModule(connectionString, SqliteSchedulerStore.Migrations);
        return Store(services => new SqliteSchedulerStore(
            services.GetRequiredService<DatabaseRegistry>().Sqlite(connectionString),
            services.GetServices<ITaskChangeSink>(),
            services.GetRequiredService<TimeProvider>()
        ));
    }

    /// <summary>Keeps tasks in PostgreSQL, for any number of nodes.</summary>
    public SchedulingBuilder UsePostgreSql(string connectionString)
    {
        Services.AddAutom8PostgreSqlModule(connectionString, PostgreSqlSchedulerStore.Migrations);
        return Store(services => new PostgreSqlSchedulerStore(
            services.GetRequiredService<DatabaseRegistry>().PostgreSql(connectionString),
            services.GetServices<ITaskChangeSink>()
        ));
    }

    /// <summary>Keeps tasks in PostgreSQL, for any number of nodes, by way of a data source of the caller's.</summary>
    public SchedulingBuilder UsePostgreSql(NpgsqlDataSource dataSource)
    {
        Services.AddAutom8PostgreSqlModule(dataSource, PostgreSqlSchedulerStore.Migrations);
        return Store(services => new PostgreSqlSchedulerStore(
            services.GetRequiredService<DatabaseRegistry>().PostgreSql(dataSource),
            services.GetServices<ITaskChangeSink>()
        ));
    }

    /// <summary>Registers a job under a name that tasks refer to and, where <paramref name="declare"/> is given, declares a task of the same name that runs it.</summary>
    /// <typeparam name="TJob">The job; registered as scoped unless it is registered already.</typeparam>
    /// <param name="name">Letters, digits, dots, hyphens and underscores, at most 100. Stored with every task: it outlives the class's name.</param>
    /// <param name="declare">When and how the declared task runs.</param>
    /// <param name="configure">How the job is run wherever a task or an enqueue does not say otherwise.</param>
    /// <exception cref="SchedulingException">The name is taken or malformed, or the declaration cannot be used.</exception>
    public SchedulingBuilder AddJob<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TJob>(
        string name,
        Action<TaskDeclaration>? declare = null,
        Action<JobOptions>? configure = null
    )
        where TJob : class, IJob
    {
        Services.TryAddScoped<TJob>();
        return Add(
            name,
            static (context, cancellationToken) => context.Services.GetRequiredService<TJob>().RunAsync(context, cancellationToken),
            declare,
            configure,
            typeof(TJob)
        );
    }

    /// <summary>Registers a job with arguments under a name.</summary>
    /// <typeparam name="TJob">The job; registered as scoped unless it is registered already.</typeparam>
    /// <typeparam name="TArguments">Its arguments, kept as JSON.</typeparam>
    /// <param name="name">Letters, digits, dots, hyphens and underscores, at most 100. Stored with every job: it outlives the class's name.</param>
    /// <param name="arguments">How the arguments are written and read: from a <c>JsonSerializerContext</c>.</param>
    /// <param name="declare">When and how a declared task of the same name runs it; its payload must be such arguments.</param>
    /// <param name="configure">How the job is run wherever a task or an enqueue does not say otherwise.</param>
    /// <exception cref="SchedulingException">The name is taken or malformed, or the declaration cannot be used.</exception>
    public SchedulingBuilder AddJob<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TJob, TArguments>(
        string name,
        JsonTypeInfo<TArguments> arguments,
        Action<TaskDeclaration>? declare = null,
        Action<JobOptions>? configure = null
    )
        where TJob : class, IJob<TArguments>
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Services.TryAddScoped<TJob>();
        return Add(
            name,
            (context, cancellationToken) =>
                context.Services.GetRequiredService<TJob>().RunAsync(Read(context, arguments), context, cancellationToken),
            declare,
            configure,
            typeof(TJob),
            arguments
        );
    }

    /// <summary>Registers a lambda as a job, and declares a task of the same name where <paramref name="declare"/> is given.</summary>
    /// <param name="name">Letters, digits, dots, hyphens and underscores, at most 100.</param>
    /// <param name="declare">When and how the declared task runs; null for none.</param>
    /// <param name="job">The work.</param>
    /// <param name="configure">How it is run wherever a task or an enqueue does not say otherwise.</param>
    /// <exception cref="SchedulingException">The name is taken or malformed, or the declaration cannot be used.</exception>
    public SchedulingBuilder AddJob(
        string name,
        Action<TaskDeclaration>? declare,
        Func<JobContext, CancellationToken, ValueTask> job,
        Action<JobOptions>? configure = null
    ) => Add(name, job, declare, configure);

    /// <inheritdoc cref="AddJob(string, Action{TaskDeclaration}?, Func{JobContext, CancellationToken, ValueTask}, Action{JobOptions}?)"/>
    /// <typeparam name="T">A service of the run's scope.</typeparam>
    public SchedulingBuilder AddJob<T>(
        string name,
        Action<TaskDeclaration>? declare,
        Func<T, JobContext, CancellationToken, ValueTask> job,
        Action<JobOptions>? configure = null
    )
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(job);
        return Add(name, (context, ct) => job(context.Services.GetRequiredService<T>(), context, ct), declare, configure);
    }

    /// <inheritdoc cref="AddJob(string, Action{TaskDeclaration}?, Func{JobContext, CancellationToken, ValueTask}, Action{JobOptions}?)"/>
    /// <typeparam name="T1">A service of the run's scope.</typeparam>
    /// <typeparam name="T2">Another.</typeparam>
    public SchedulingBuilder AddJob<T1, T2>(
        string name,
        Action<TaskDeclaration>? declare,
        Func<T1, T2, JobContext, CancellationToken, ValueTask> job,
        Action<JobOptions>? configure = null
    )
        where T1 : notnull
        where T2 : notnull
    {
        ArgumentNullException.ThrowIfNull(job);
        return Add(
            name,
            (context, ct) => job(context.Services.GetRequiredService<T1>(), context.Services.GetRequiredService<T2>(), context, ct),
            declare,
            configure
        );
    }

    /// <inheritdoc cref="AddJob(string, Action{TaskDeclaration}?, Func{JobContext, CancellationToken, ValueTask}, Action{JobOptions}?)"/>
    /// <typeparam name="T1">A service of the run's scope.</typeparam>
    /// <typeparam name="T2">Another.</typeparam>
    /// <typeparam name="T3">A third.</typeparam>
    public SchedulingBuilder AddJob<T1, T2, T3>(
        string name,
        Action<TaskDeclaration>? declare,
        Func<T1, T2, T3, JobContext, CancellationToken, ValueTask> job,
        Action<JobOptions>? configure = null
    )
        where T1 : notnull
        where T2 : notnull
        where T3 : notnull
    {
        ArgumentNullException.ThrowIfNull(job);
        return Add(
            name,
            (context, ct) =>
                job(
                    context.Services.GetRequiredService<T1>(),
                    context.Services.GetRequiredService<T2>(),
                    context.Services.GetRequiredService<T3>(),
                    context,
                    ct
                ),
            declare,
            configure
        );
    }

    /// <summary>Wraps every run of every job; see <see cref="IJobFilter"/>.</summary>
    public SchedulingBuilder AddFilter<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TFilter>()
        where TFilter : class, IJobFilter
    {
        Services.AddSingleton<IJobFilter, TFilter>();
        return this;
    }

    private SchedulingBuilder Add(
        string name,
        Func<JobContext, CancellationToken, ValueTask> job,
        Action<TaskDeclaration>? declare,
        Action<JobOptions>? configure,
        Type? type = null,
        JsonTypeInfo? arguments = null
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(job);
        if (name.Length > 100 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
        {
            throw new SchedulingException(
                SchedulingError.Misconfigured,
                $"The job name '{name}' may hold letters, digits, dots, hyphens and underscores, at most 100."
            );
        }
        if (Services.Any(s => s.ServiceType == typeof(JobRegistration) && ((JobRegistration)s.ImplementationInstance!).Name == name))
        {
            throw new SchedulingException(
                SchedulingError.Misconfigured,
                $"A job named '{name}' is registered already. Choose another name."
            );
        }

        var options = new JobOptions();
        configure?.Invoke(options);
        DefinitionRules.CheckQueue(options.Queue);
        DefinitionRules.CheckRetry(options.Retry);
        TaskDeclaration? declaration = null;
        if (declare is not null)
        {
            declaration = new TaskDeclaration(name);
            declare(declaration);
            DefinitionRules.Check(declaration.Definition, [name]);
        }
        Services.AddSingleton(
            new JobRegistration(name, options, job, type, arguments, declaration?.Definition, declaration?.IsAuthoritative == true)
        );
        return this;
    }

    private static TArguments Read<TArguments>(JobContext context, JsonTypeInfo<TArguments> arguments)
    {
        try
        {
            return JsonSerializer.Deserialize(context.Payload ?? "null", arguments)
                ?? throw new JobArgumentsException($"The job '{context.JobName}' takes arguments, and the payload has none.");
        }
        catch (JsonException error)
        {
            throw new JobArgumentsException(
                $"The payload is not what the job '{context.JobName}' takes: at {error.Path ?? "$"}, line {error.LineNumber}.",
                error
            );
        }
    }

    private SchedulingBuilder Store(Func<IServiceProvider, ISchedulerStore> create)
    {
        Services.Replace(ServiceDescriptor.Singleton(create));
        return this;
    }
}
