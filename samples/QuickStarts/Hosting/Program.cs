using Autom8.Contacts;
using Autom8.Security.Audit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Error);
builder.Services.AddAutom8(builder.Configuration); // everything on SQLite in ./data, or where the settings say
using var host = builder.Build();
await host.StartAsync();

var book = host.Services.GetRequiredService<ContactBook>();
await book.CreateAsync(new ContactDraft { Name = "Ann Lee", Emails = [new ContactEmail("ann@example.com")] }, new AuditActor("me"));
var log = await host.Services.GetRequiredService<IAuditLog>().ListAsync(new AuditQuery { Limit = 3 }, CancellationToken.None);
foreach (var entry in log.Records)
{
    Console.WriteLine($"{entry.Timestamp:u} {entry.User}: {entry.Action} {entry.ResourceType} {entry.ResourceId}");
}

await host.StopAsync();
