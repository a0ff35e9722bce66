namespace Hatchery.Devices;

/// <summary>The cluster that this server joined is another farm's.</summary>
public sealed class ForeignFarmException(string message) : Exception(message);
