using Autom8.Security.Text;

namespace Autom8.AspNetCore;

/// <summary>On an endpoint: under which policy its text stands; null under none.</summary>
internal sealed record EndpointTextPolicy(TextPolicy? Policy);
