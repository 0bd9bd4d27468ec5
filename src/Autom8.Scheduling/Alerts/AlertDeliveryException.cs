namespace Autom8.Scheduling.Alerts;

/// <summary>A sink could not deliver an alert.</summary>
/// <remarks>Its message is logged: it must hold no secret, such as the address of a webhook.</remarks>
public sealed class AlertDeliveryException : Exception
{
    /// <summary>Creates the exception.</summary>
    public AlertDeliveryException(string message, bool isTransient, Exception? innerException = null)
        : base(message, innerException) => IsTransient = isTransient;

    /// <summary>Whether the same alert may get through later.</summary>
    public bool IsTransient { get; }
}
