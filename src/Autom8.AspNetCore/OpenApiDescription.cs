using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Autom8.AspNetCore;

/// <summary>What the OpenAPI document says beyond what the endpoints say of themselves.</summary>
internal static class OpenApiDescription
{
    public static void Configure(OpenApiOptions options) =>
        options
            .AddDocumentTransformer(
                static (document, _, _) =>
                {
                    Describe(document);
                    return Task.CompletedTask;
                }
            )
            .AddOperationTransformer(
                static (operation, context, _) =>
                {
                    Describe(operation, context);
                    return Task.CompletedTask;
                }
            );

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Autom8",
            Version = "v1",
            Description =
                "Contacts encrypted at rest, scheduled tasks, metrics, and the audit trail. Errors are problem details (RFC 9457): "
                + "of bad input they name the fields under 'errors'; 'requestId' is the X-Request-Id of the answer, under which the log knows the request.",
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
            ["apiKey"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = ApiKeyHandler.Header,
                Description = "A key that POST /api/v1/api-keys answers with.",
            },
        };
    }

    private static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<IAuthorizeData>().Any())
        {
            string[] schemes = metadata.OfType<RequiresSession>().Any() ? ["bearer"] : ["bearer", "apiKey"];
            operation.Security =
            [
                .. schemes.Select(scheme => new OpenApiSecurityRequirement
                {
                    [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [],
                }),
            ];
        }

        if (metadata.OfType<RequiredRoles>().LastOrDefault() is { } roles)
        {
            operation.Description = $"Takes the role {string.Join(" or ", roles.Any)}.";
        }

        if (context.Description.HttpMethod is "PUT" or "DELETE" && !metadata.OfType<Unversioned>().Any())
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(
                new OpenApiParameter
                {
                    Name = "If-Match",
                    In = ParameterLocation.Header,
                    Required = context.Description.HttpMethod == "PUT",
                    Description = "The ETag of the version that is changed, or * for whatever is there.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                }
            );
        }
    }
}
