using Autom8.Hosting;

// Settings come from appsettings.json beside the binary, then from the environment and the command line.
var builder = WebApplication.CreateSlimBuilder(
    new WebApplicationOptions { Args = ServiceCommands.SettingsOf(args), ContentRootPath = AppContext.BaseDirectory }
);

// TLS, where Kestrel:Endpoints or --urls https://… ask for it; behind a proxy it is not needed.
builder.WebHost.UseKestrelHttpsConfiguration();

// The capabilities on the database that the settings name: contacts, tasks, metrics, accounts, audit, cache.
builder.Services.AddAutom8(builder.Configuration);

// The HTTP API over them.
builder.Services.AddAutom8Api();

var app = builder.Build();

// A request's way in its order: TLS, headers, id and log line, limit by network, authentication, limit by account.
app.UseAutom8();

// /api/v1, /health, /metrics and /openapi/v1.json.
app.MapAutom8();

// Serves until stopped, or does a command on this machine: 'admin reset', 'db migrate', 'keys …', 'help'.
return await app.RunAutom8Async(args);
