namespace EndToEnd;

/// <summary>How long tests wait; several times what an idle machine of two cores needs.</summary>
internal static class Limits
{
    /// <summary>From power-on to the guest's first word; 10 s on an idle machine.</summary>
    public static readonly TimeSpan Boot = TimeSpan.FromSeconds(90);

    /// <summary>The same by UEFI; 20 s on an idle machine.</summary>
    public static readonly TimeSpan UefiBoot = TimeSpan.FromSeconds(150);

    public static readonly TimeSpan BootOfTwo = TimeSpan.FromSeconds(150);

    /// <summary>For what a running guest does next.</summary>
    public static readonly TimeSpan Work = TimeSpan.FromSeconds(60);
}
