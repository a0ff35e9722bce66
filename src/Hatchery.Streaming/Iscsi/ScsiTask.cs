using Hatchery.Disks;
using Hatchery.Streaming.Transport;
using Hatchery.Wire.Scsi;

namespace Hatchery.Streaming.Iscsi;

/// <summary>A command that could not be answered at once: data is still to come, or the disk is at work. Reused by its connection.</summary>
internal sealed class ScsiTask(IscsiConnection connection) : PendingWork<DiskStatus>(connection)
{
    private readonly List<Burst> _bursts = [];

    public OpenCommand Command { get; set; }

    public ScsiPlan Plan { get; set; }

    /// <summary>The bytes to collect, fewer than the command's where the initiator said so.</summary>
    public int Needed { get; set; }

    public int Received { get; set; }

    /// <summary>How far R2Ts have been sent, which is how far data came unasked before the first.</summary>
    public int Requested { get; set; }

    public uint R2tSn { get; set; }

    /// <summary>The initiator goes on to send data that it was not asked for.</summary>
    public bool IsUnsolicited { get; set; }

    public uint UnsolicitedDataSn { get; set; }

    /// <summary>Holds what the initiator sent: a buffer of the task's own, or the received one.</summary>
    public Segment? Data { get; set; }

    public bool IsAdmitted { get; set; }

    public DataInReply? DataIn { get; set; }

    public int ExecutingBytes { get; set; }

    /// <summary>Its status is not sent: the initiator had it aborted.</summary>
    public bool IsAborted { get; set; }

    public SenseData OtherSense { get; set; }

    public IReadOnlyList<Burst> Bursts => _bursts;

    public void AddBurst(Burst burst) => _bursts.Add(burst);

    public void RemoveBurst(Burst burst) => _bursts.Remove(burst);

    public void Clear()
    {
        _bursts.Clear();
        Data?.Release();
        Data = null;
        DataIn = null;
        (Needed, Received, Requested, R2tSn, UnsolicitedDataSn, ExecutingBytes) = (0, 0, 0, 0, 0, 0);
        (IsUnsolicited, IsAdmitted, IsAborted, OtherSense) = (false, false, false, default);
    }

    protected override DiskStatus OnFailure(Exception failure)
    {
        Log.DiskFailed(connection.LoggerOfTasks, connection.RemoteOfTasks, failure);
        return DiskStatus.IoError;
    }

    protected override void OnEnded(DiskStatus result) => connection.Executed(this, result);
}

/// <summary>What one R2T asked for.</summary>
internal sealed class Burst(uint transferTag, int offset, int length)
{
    public uint TransferTag => transferTag;

    public int Offset => offset;

    public int Length => length;

    public int Received { get; set; }

    public uint DataSn { get; set; }
}
