namespace Hatchery.Devices;

/// <summary>The names of a boot's steps, as the database keeps them and pbm prints them.</summary>
public static class BootSteps
{
    public const string Discovered = "discovered";
    public const string NotOffered = "not-offered";
    public const string Offered = "offered";
    public const string Requested = "requested";
    public const string BootstrapSent = "bootstrap-sent";
    public const string TransferFailed = "transfer-failed";
    public const string ScriptSent = "script-sent";
    public const string NothingToBoot = "nothing-to-boot";
    public const string KernelSent = "kernel-sent";
    public const string InitrdSent = "initrd-sent";
    public const string LoginRefused = "login-refused";
    public const string SessionOpen = "session-open";
    public const string Running = "running";
    public const string Lost = "lost";
    public const string Off = "off";
    public const string CacheFilling = "cache-filling";
    public const string CacheFull = "cache-full";
    public const string CacheHasRoom = "cache-has-room";
    public const string CachePlaced = "cache-placed";
    public const string CacheElsewhere = "cache-elsewhere";
    public const string CopyAdded = "copy-added";
    public const string CopyNotAdded = "copy-not-added";
    public const string CopyLost = "copy-lost";
    public const string CopyAlone = "copy-alone";
    public const string CopyLeft = "copy-left";
    public const string Moved = "moved";
    public const string Stopped = "stopped";
    public const string Waits = "waits";
    public const string VersionReplaced = "version-replaced";
    public const string SecretsSent = "secrets-sent";
    public const string SecretsRefused = "secrets-refused";
    public const string CanaryFailed = "canary-failed";
    public const string VersionReturned = "version-returned";
    public const string CaptureBegun = "capture-begun";
    public const string Captured = "captured";
    public const string CaptureFailed = "capture-failed";

    /// <summary>Of its write cache, its version and its secrets, which says nothing of how far a boot has come.</summary>
    public static bool IsOfCache(string step) =>
        step
            is CacheFilling
                or CacheFull
                or CacheHasRoom
                or CachePlaced
                or CacheElsewhere
                or CopyAdded
                or CopyNotAdded
                or CopyLost
                or CopyAlone
                or CopyLeft
                or Moved
                or VersionReplaced
                or SecretsSent
                or SecretsRefused
                or CanaryFailed
                or VersionReturned;

    /// <summary>Between power-on and the first login.</summary>
    public static bool IsBeforeLogin(string step) =>
        step
            is Discovered
                or NotOffered
                or Offered
                or Requested
                or BootstrapSent
                or TransferFailed
                or ScriptSent
                or NothingToBoot
                or KernelSent
                or InitrdSent;
}
