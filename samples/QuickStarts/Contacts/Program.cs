using Autom8.Contacts;
using Autom8.Security.Audit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddAutom8Security().UseSqlite("Data Source=data/autom8.db"); // keyring and audit log
builder.Services.AddAutom8Caching(); // optional: reads by id from memory
builder.Services.AddAutom8Contacts(o => o.DefaultRegion = "US").UseSqlite("Data Source=data/autom8.db");
using var host = builder.Build();
await host.StartAsync();

var book = host.Services.GetRequiredService<ContactBook>();
var me = new AuditActor("me");
var ann = await book.CreateAsync(new ContactDraft { Name = "Ann Lee", Phones = [new ContactPhone("(212) 555-0142", "mobile")] }, me);
var found = await book.FindByPhoneAsync("+1 212 555 0142"); // however it is written
Console.WriteLine($"Found {found.Items[0].Name}, version {found.Items[0].Version}");

ann = await book.UpdateAsync(
    ann.Id,
    new ContactDraft { Name = "Ann Lee", Emails = [new ContactEmail("ann@example.com")] },
    ann.Version,
    me
);
Console.WriteLine($"Now version {ann.Version}, {ann.Phones.Count} phones, {ann.Emails.Count} e-mail address");
await book.DeleteAsync(ann.Id, expectedVersion: null, me);
await host.StopAsync();
