using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Autom8.AspNetCore;

/// <summary>What the OpenAPI document says beyond what the endpoints say of themselves.</summary>
internal static class OpenApiDescription
{
    public static void Configure(OpenApiOptions options) =>
        options.AddDocumentTransformer(
            static (document, _, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "Autom8",
                    Version = "v1",
                    Description = "Contacts encrypted at rest, scheduled tasks, metrics, and the audit trail. Errors are problem details (RFC 9457).",
                };
                // Where the document was asked for is not part of the contract.
                document.Servers = [];
                document.Components ??= new OpenApiComponents();
                document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                {
                    ["bearer"] = new OpenApiSecurityScheme
                    {
                        Type = SecuritySchemeType.Http,
                        Scheme = "bearer",
                        BearerFormat = "JWT",
                        Description = "The access token that POST /api/v1/auth/login answers with.",
                    },
                };
                document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] }];
                return Task.CompletedTask;
            }
        );
}
