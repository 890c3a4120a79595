{{- define "meshless.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}
{{- end }}

{{- define "meshless.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "meshless.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "meshless.selectorLabels" . }}
{{- end }}

{{- define "meshless.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "meshless.fullname" .) .Values.serviceAccount.name }}
{{- else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{/* Whether clients show tokens, and whether there is TLS: "true", or nothing. */}}
{{- define "meshless.hasTokens" -}}
{{- if ne .Values.access.mode "open" }}true{{ end }}
{{- end }}

{{- define "meshless.hasTls" -}}
{{- if or .Values.tls.enabled (include "meshless.hasTokens" .) }}true{{ end }}
{{- end }}

{{- define "meshless.tlsSecretName" -}}
{{- default (printf "%s-tls" (include "meshless.fullname" .)) .Values.tls.secretName }}
{{- end }}

{{/* What the control plane has to read of Services, and no more. */}}
{{- define "meshless.readerRules" -}}
- apiGroups: [""]
  resources: [services]
  verbs: [list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
{{- if .Values.registry.serviceImports }}
- apiGroups: [multicluster.x-k8s.io]
  resources: [serviceimports]
  verbs: [list, watch]
{{- end }}
{{- if .Values.registry.readPods }}
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
{{- end }}
{{- end }}

{{- define "meshless.subjects" -}}
- kind: ServiceAccount
  name: {{ include "meshless.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}
