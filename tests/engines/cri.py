# SPDX-License-Identifier: Apache-2.0
"""Calls of Kubernetes' Container Runtime Interface, as a kubelet makes them: just the messages that the tests use."""

import grpc

# Message: field=number, with :Type where it is a message, :map where it maps strings.
FIELDS = """
RunPodSandboxRequest: config=1:PodSandboxConfig runtime_handler=2
RunPodSandboxResponse: pod_sandbox_id=1
PodSandboxConfig: metadata=1:PodSandboxMetadata hostname=2 log_directory=3 annotations=7:map linux=8:LinuxPodSandboxConfig
PodSandboxMetadata: name=1 uid=2 namespace=3 attempt=4
LinuxPodSandboxConfig: cgroup_parent=1 security_context=2:LinuxSandboxSecurityContext sysctls=3:map
LinuxSandboxSecurityContext: namespace_options=1:NamespaceOption privileged=6
NamespaceOption: network=1 pid=2 ipc=3 target_id=4 userns_options=5:UserNamespace
UserNamespace: mode=1 uids=2:IDMapping gids=3:IDMapping
IDMapping: host_id=1 container_id=2 length=3
StopPodSandboxRequest: pod_sandbox_id=1
StopPodSandboxResponse:
RemovePodSandboxRequest: pod_sandbox_id=1
RemovePodSandboxResponse:
PodSandboxStatusRequest: pod_sandbox_id=1
PodSandboxStatusResponse: status=1:PodSandboxStatus
PodSandboxStatus: id=1 state=3 network=5:PodSandboxNetworkStatus runtime_handler=9
PodSandboxNetworkStatus: ip=1
CreateContainerRequest: pod_sandbox_id=1 config=2:ContainerConfig sandbox_config=3:PodSandboxConfig
CreateContainerResponse: container_id=1
ContainerConfig: metadata=1:ContainerMetadata image=2:ImageSpec command=3 args=4 working_dir=5 envs=6:KeyValue mounts=7:Mount
 devices=8:Device log_path=11 stdin=12 tty=14 linux=15:LinuxContainerConfig
ContainerMetadata: name=1 attempt=2
ImageSpec: image=1
KeyValue: key=1 value=2
Mount: container_path=1 host_path=2 readonly=3 propagation=5
Device: container_path=1 host_path=2 permissions=3
LinuxContainerConfig: resources=1:LinuxContainerResources security_context=2:LinuxContainerSecurityContext
LinuxContainerResources: cpu_period=1 cpu_quota=2 cpu_shares=3 memory_limit_in_bytes=4 oom_score_adj=5 cpuset_cpus=6
LinuxContainerSecurityContext: capabilities=1:Capability privileged=2 namespace_options=3:NamespaceOption run_as_user=5:Value
 readonly_rootfs=7 supplemental_groups=8 no_new_privs=11 run_as_group=12:Value masked_paths=13 seccomp=15:SecurityProfile
Capability: add_capabilities=1 drop_capabilities=2
Value: value=1
SecurityProfile: profile_type=1
StartContainerRequest: container_id=1
StartContainerResponse:
StopContainerRequest: container_id=1 timeout=2
StopContainerResponse:
RemoveContainerRequest: container_id=1
RemoveContainerResponse:
ContainerStatusRequest: container_id=1
ContainerStatusResponse: status=1:ContainerStatus
ContainerStatus: id=1 state=3 exit_code=7 reason=10 message=11
UpdateContainerResourcesRequest: container_id=1 linux=2:LinuxContainerResources
UpdateContainerResourcesResponse:
ExecSyncRequest: container_id=1 cmd=2 timeout=3
ExecSyncResponse: stdout=1 stderr=2 exit_code=3
ContainerStatsRequest: container_id=1
ContainerStatsResponse: stats=1:ContainerStats
ContainerStats: cpu=2:Usage memory=3:Usage
Usage: timestamp=1 value=2:Value
ImageStatusRequest: image=1:ImageSpec
ImageStatusResponse: image=1:Image
Image: id=1
VersionRequest: version=1
VersionResponse: version=1 runtime_name=2
"""


def parse(text):
    messages = {}
    for line in text.replace("\n ", " ").strip().splitlines():
        name, _, fields = line.partition(":")
        messages[name] = {}
        for field in fields.split():
            key, _, number = field.partition("=")
            number, _, type = number.partition(":")
            messages[name][key] = int(number), type
    return messages


MESSAGES = parse(FIELDS)
STATES = ["created", "running", "exited", "unknown"]


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def encode(name, message):
    out = b""
    for key, value in message.items():
        number, type = MESSAGES[name][key]
        if type == "map":
            value = [field(1, "", k) + field(2, "", v) for k, v in value.items()]
        for item in value if isinstance(value, list) else [value]:
            out += field(number, type, item)
    return out


def field(number, type, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value if isinstance(value, bytes) else encode(type, value) if isinstance(value, dict) else value.encode()
    return varint(number << 3 | 2) + varint(len(data)) + data


def decode(name, data):
    """Fields that are not in the table are left out."""
    known = {number: (key, type) for key, (number, type) in MESSAGES[name].items()}
    message, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = number()
        value = number()
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
        key, type = known.get(tag >> 3, (None, None))
        if key:
            message[key] = value if isinstance(value, int) else decode(type, value) if type in MESSAGES else value.decode()
    return message


class Cri:
    def __init__(self, socket):
        self.channel = grpc.insecure_channel(f"unix:{socket}")

    def __call__(self, method, **request):
        service = "ImageService" if method.startswith("Image") else "RuntimeService"
        call = self.channel.unary_unary(f"/runtime.v1.{service}/{method}",
                                        request_serializer=lambda m: encode(f"{method}Request", m),
                                        response_deserializer=lambda d: decode(f"{method}Response", d))
        return call(request, timeout=60)

    def close(self):
        self.channel.close()
