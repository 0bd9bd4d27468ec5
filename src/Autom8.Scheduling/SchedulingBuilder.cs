using System.Diagnostics.CodeAnalysis;
using Autom8.Scheduling.Engine;
using Autom8.Scheduling.Storage;
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

    /// <summary>Keeps tasks in a SQLite file, for one process.</summary>
    /// <param name="connectionString"><c>Data Source=path</c>.</param>
    public SchedulingBuilder UseSqlite(string connectionString)
    {
        Services.AddAutom8SqliteModule(connectionString, SqliteTaskStore.Migrations);
        return Store(services => new SqliteTaskStore(
            services.GetRequiredService<DatabaseRegistry>().Sqlite(connectionString),
            services.GetServices<ITaskChangeSink>(),
            services.GetRequiredService<TimeProvider>()
        ));
    }

    /// <summary>Keeps tasks in PostgreSQL, for any number of nodes.</summary>
    public SchedulingBuilder UsePostgreSql(string connectionString)
    {
        Services.AddAutom8PostgreSqlModule(connectionString, PostgreSqlTaskStore.Migrations);
        return Store(services => new PostgreSqlTaskStore(
            services.GetRequiredService<DatabaseRegistry>().PostgreSql(connectionString),
            services.GetServices<ITaskChangeSink>()
        ));
    }

    /// <summary>Keeps tasks in PostgreSQL, for any number of nodes, by way of a data source of the caller's.</summary>
    public SchedulingBuilder UsePostgreSql(NpgsqlDataSource dataSource)
    {
        Services.AddAutom8PostgreSqlModule(dataSource, PostgreSqlTaskStore.Migrations);
        return Store(services => new PostgreSqlTaskStore(
            services.GetRequiredService<DatabaseRegistry>().PostgreSql(dataSource),
            services.GetServices<ITaskChangeSink>()
        ));
    }

    /// <summary>Registers a job under a name that tasks refer to and, where <paramref name="declare"/> is given, declares a task of the same name that runs it.</summary>
    /// <typeparam name="TJob">The job; registered as scoped unless it is registered already.</typeparam>
    /// <param name="name">Letters, digits, dots, hyphens and underscores, at most 100. Stored with every task: it outlives the class's name.</param>
    /// <param name="declare">When and how the declared task runs.</param>
    /// <exception cref="SchedulingException">The name is taken or malformed, or the declaration cannot be used.</exception>
    public SchedulingBuilder AddJob<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TJob>(
        string name,
        Action<TaskDeclaration>? declare = null
    )
        where TJob : class, IJob
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > 100 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
        {
            throw new SchedulingException(
                SchedulingError.Misconfigured,
                $"The job name '{name}' may hold letters, digits, dots, hyphens and underscores, at most 100."
            );
        }
        if (Services.Any(s => s.ServiceType == typeof(JobRegistration) && ((JobRegistration)s.ImplementationInstance!).Name == name))
            throw new SchedulingException(SchedulingError.Misconfigured, $"A job named '{name}' is registered already. Choose another name.");

        TaskDefinition? declared = null;
        if (declare is not null)
        {
            var declaration = new TaskDeclaration(name);
            declare(declaration);
            declared = declaration.Definition;
            DefinitionRules.Check(declared, [name]);
        }
        Services.TryAddScoped<TJob>();
        Services.AddSingleton(new JobRegistration(name, typeof(TJob), static services => services.GetRequiredService<TJob>(), declared));
        return this;
    }

    private SchedulingBuilder Store(Func<IServiceProvider, ITaskStore> create)
    {
        Services.Replace(ServiceDescriptor.Singleton(create));
        return this;
    }
}
