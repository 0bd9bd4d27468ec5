using System.Data.Common;
using System.Security.Cryptography;
using Autom8.Contacts.Transfer;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Storage;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Contacts.Tests;

/// <summary>A contact book as an application has it: a real keyring, a real audit log, in a database of its own.</summary>
internal sealed class ContactBookFixture : IAsyncDisposable
{
    public static readonly AuditActor Alice = new("alice", "request-1");

    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services;
    private readonly string _connectionString;

    private ContactBookFixture(string? postgreSql, bool cached, Action<ContactsOptions>? configure, IKeyringProvider? keyring)
    {
        DataFolder = _folder.Combine("data");
        _connectionString = postgreSql ?? $"Data Source={Path.Combine(DataFolder, "autom8.db")}";
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        if (keyring is not null)
        {
            services.AddSingleton(keyring);
        }

        var security = services.AddAutom8Security(o => o.KeyEncryptionKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        var contacts = services.AddAutom8Contacts(configure);
        if (postgreSql is null)
        {
            security.UseSqlite(_connectionString);
            contacts.UseSqlite(_connectionString);
        }
        else
        {
            security.UsePostgreSql(_connectionString);
            contacts.UsePostgreSql(_connectionString);
        }

        if (cached)
        {
            services.AddAutom8Caching();
        }

        Observe(services, this);
        _services = services.BuildServiceProvider();
        Book = _services.GetRequiredService<ContactBook>();
        Importer = _services.GetRequiredService<ContactImporter>();
        Exporter = _services.GetRequiredService<ContactExporter>();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    public string DataFolder { get; }

    public ContactBook Book { get; }

    public ContactImporter Importer { get; }

    public ContactExporter Exporter { get; }

    /// <summary>When set, the next entry fails after it was written.</summary>
    public Exception? AuditFailure { get; set; }

    public IServiceProvider Services => _services;

    public SqliteDatabase Sqlite => _services.GetRequiredService<DatabaseRegistry>().Sqlite(_connectionString);

    public static async Task<ContactBookFixture> CreateAsync(
        bool cached = false,
        Action<ContactsOptions>? configure = null,
        IKeyringProvider? keyring = null
    )
    {
        var fixture = new ContactBookFixture(postgreSql: null, cached, configure, keyring);
        await fixture._services.GetRequiredService<KeyringProvider>().InitializeAsync();
        return fixture;
    }

    public static async Task<ContactBookFixture> CreateOnPostgreSqlAsync(IKeyringProvider? keyring = null)
    {
        var fixture = new ContactBookFixture(await PostgreSqlServer.Shared.CreateDatabaseAsync(), cached: true, configure: null, keyring);
        await fixture._services.GetRequiredService<KeyringProvider>().InitializeAsync();
        return fixture;
    }

    /// <summary>The audit log, oldest first.</summary>
    public async Task<IReadOnlyList<AuditRecord>> AuditAsync()
    {
        var page = await _services.GetRequiredService<IAuditLog>().ListAsync(new AuditQuery { Limit = AuditQuery.MaxLimit }, default);
        return [.. page.Records.Reverse()];
    }

    public async Task<Contact> CreateAsync(string? name = null, string? phone = null, string? email = null)
    {
        // One millisecond each, so that the order of ids is the order of creation.
        Time.Advance(TimeSpan.FromMilliseconds(1));
        return await Book.CreateAsync(Draft(name, phone, email), Alice);
    }

    public static ContactDraft Draft(string? name = null, string? phone = null, string? email = null) =>
        new()
        {
            Name = name,
            Phones = phone is null ? [] : [new ContactPhone(phone)],
            Emails = email is null ? [] : [new ContactEmail(email)],
        };

    /// <summary>Alters the database behind the program's back.</summary>
    public async Task TamperAsync(string sql, params Guid[] ids) =>
        await Sqlite.WriteAsync(
            (sql, ids),
            static (session, s, _) =>
            {
                var command = session.Command(s.sql);
                for (var i = 0; i < s.ids.Length; i++)
                {
                    command.Bind(i + 1, s.ids[i]);
                }

                Assert.True(command.ExecuteNonQuery() > 0);
                return ValueTask.FromResult(true);
            }
        );

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    private static void Observe(ServiceCollection services, ContactBookFixture fixture)
    {
        var real = services.Last(service => service.ServiceType == typeof(IAuditLog));
        services.Remove(real);
        services.AddSingleton<IAuditLog>(provider => new ObservedAuditLog((IAuditLog)real.ImplementationFactory!(provider), fixture));
    }

    private sealed class ObservedAuditLog(IAuditLog log, ContactBookFixture fixture) : IAuditLog
    {
        public async ValueTask AppendAsync(AuditEntry entry, DbTransaction transaction, CancellationToken ct)
        {
            // A millisecond each: entries of one instant have no order.
            fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
            await log.AppendAsync(entry, transaction, ct);
            if (fixture.AuditFailure is { } failure)
            {
                fixture.AuditFailure = null;
                throw failure;
            }
        }

        public ValueTask AppendAsync(AuditEntry entry, CancellationToken ct) => log.AppendAsync(entry, ct);

        public ValueTask<AuditPage> ListAsync(AuditQuery query, CancellationToken ct) => log.ListAsync(query, ct);
    }
}
