using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Microsoft.Extensions.DependencyInjection;

var services = new ServiceCollection();
services.AddAutom8Security().UseSqlite("Data Source=data/autom8.db"); // keyring: data-keys/keyring.json
await using var provider = services.BuildServiceProvider();
await provider.GetRequiredService<KeyringProvider>().InitializeAsync(); // a host does this at start

var protector = provider.GetRequiredService<IFieldProtector>();
var ann = new FieldContext("contact", "email_encrypted", Guid.CreateVersion7());
var field = protector.Protect("ann@example.org", ann);
Console.WriteLine($"{field.Bytes.Length} bytes for the database, read back: {protector.Unprotect(field, ann)}");

try
{
    protector.Unprotect(field, ann with { RowId = Guid.CreateVersion7() }); // somebody moved it to another row
}
catch (FieldProtectionException refused)
{
    Console.WriteLine(refused.Message);
}
