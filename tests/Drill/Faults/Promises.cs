namespace Drill;

/// <summary>The longest stalls that are promised, in ms.</summary>
internal static class Promises
{
    public const double Killing = 1000;
    public const double KillingTheKeeper = 300;
    public const double KillingBoth = 8000;
    public const double Silence = 3000;
    public const double Leaving = 500;
    public const double WithoutDatabase = 300;

    /// <summary>When a server is started again, wakes or is within reach again; where more is promised for its fault, that much.</summary>
    public const double Mending = 1000;

    public static double Killed(Role role) =>
        role.HasFlag(Role.Streams | Role.Keeps) ? KillingBoth
        : role == Role.Keeps ? KillingTheKeeper
        : Killing;

    public static double Silent(Role role) => role.HasFlag(Role.Streams | Role.Keeps) ? KillingBoth : Silence;
}
