namespace Akka;

/// <summary>Says that something finished, for a result that carries nothing else.</summary>
public sealed class Done
{
    /// <summary>The one value.</summary>
    public static readonly Done Instance = new();

    private Done() { }
}
